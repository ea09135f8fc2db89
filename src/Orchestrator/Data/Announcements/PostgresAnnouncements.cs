using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestrator.Data.Announcements;

/// <summary>Announcements between all processes on one PostgreSQL database, through <c>LISTEN</c>/<c>NOTIFY</c> on one
/// channel with the topic as payload.</summary>
/// <remarks>The connection that listens also shows that this process is there: it shares a lock with those of all others, and the database
/// lets go of it when the process dies.
/// <para>Nobody waits until the others are told: while one statement tells them, what comes meanwhile is gathered for the next.</para></remarks>
internal sealed partial class PostgresAnnouncements(
    NpgsqlDataSource database, TimeProvider clock, ILogger<PostgresAnnouncements> logger) : BackgroundService, IAnnouncements, INeighbours
{
    private const string PostgresChannel = "orchestrator";

    // Two numbers that nobody else locks: "orch", "est".
    private const string Presence = "1869767528, 6648692";
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    private readonly LocalAnnouncements _local = new();
    private readonly Channel<string> _untold = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    // Whether somebody reads them.
    private volatile bool _telling;

    // Of the connection that listens, and of the one that tells; 0 while there is none.
    private volatile int _backend;
    private volatile int _teller;

    public bool ArePossible => true;

    public async Task<bool> AreNoneAsync(CancellationToken cancellationToken)
    {
        if (_backend is not (not 0 and var own))
        {
            return false;
        }
        await using var command = database.CreateCommand($"""
            SELECT count(*) FILTER (WHERE pid = $1) = 1 AND count(*) FILTER (WHERE pid <> $1) = 0 FROM pg_locks
            WHERE locktype = 'advisory' AND (classid, objid) = ({Presence}) AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """);
        command.Parameters.AddWithValue(own);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    public ValueTask AnnounceAsync(Topic topic, CancellationToken cancellationToken)
    {
        // Listeners in this process hear it at once, also while the database is away.
        _local.Deliver(topic);
        if (_telling)
        {
            _untold.Writer.TryWrite(topic.Name);
            return ValueTask.CompletedTask;
        }
        return new(TellOnceAsync([topic.Name], cancellationToken));
    }

    public ISubscription Subscribe(Topic topic) => _local.Subscribe(topic);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(TellAlwaysAsync(stoppingToken), ListenAlwaysAsync(stoppingToken));

    private async Task TellAlwaysAsync(CancellationToken stoppingToken)
    {
        _telling = true;
        try
        {
            while (true)
            {
                await _untold.Reader.WaitToReadAsync(stoppingToken);
                try
                {
                    await TellWhileAsync(stoppingToken);
                }
                catch (Exception away) when (IsAway(away))
                {
                    Log.NotAnnounced(logger, away);
                    await Task.Delay(ReconnectPause, clock, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is told below.
        }
        finally
        {
            _telling = false;
        }
        if (Untold() is { Length: > 0 } left)
        {
            await TellOnceAsync(left, CancellationToken.None);
        }
    }

    /// <summary>On a connection of its own, so that this process recognises what it has said itself.</summary>
    private async Task TellWhileAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(stoppingToken);
            do
            {
                _teller = connection.ProcessID;
                await TellAsync(connection, Untold(), CancellationToken.None);
            }
            while (await _untold.Reader.WaitToReadAsync(stoppingToken));
        }
        finally
        {
            // Somebody else's may get its number.
            _teller = 0;
        }
    }

    private string[] Untold()
    {
        var topics = new HashSet<string>(StringComparer.Ordinal);
        while (_untold.Reader.TryRead(out var topic))
        {
            topics.Add(topic);
        }
        return [.. topics];
    }

    private async Task TellOnceAsync(string[] topics, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await TellAsync(connection, topics, cancellationToken);
        }
        catch (Exception away) when (IsAway(away))
        {
            Log.NotAnnounced(logger, away);
        }
    }

    private static bool IsAway(Exception problem) => problem is NpgsqlException or IOException or TimeoutException or InvalidOperationException;

    private static async Task TellAsync(NpgsqlConnection connection, string[] topics, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_notify($1, topic) FROM unnest($2) AS topic", connection);
        command.Parameters.AddWithValue(PostgresChannel);
        command.Parameters.AddWithValue(topics);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task ListenAlwaysAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away) when (IsAway(away))
            {
                Log.ConnectionLost(logger, away);
                await Task.Delay(ReconnectPause, clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        // A database that has started anew may give its number to somebody else.
        _teller = 0;
        await using var connection = await database.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, notification) =>
        {
            // What this process has said it has heard already.
            if (notification.PID != _teller)
            {
                _local.Deliver(Topic.Named(notification.Payload));
            }
        };
        await using (var listen = new NpgsqlCommand($"SELECT pg_advisory_lock_shared({Presence})", connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
            listen.CommandText = $"LISTEN {PostgresChannel}";
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }
        _backend = connection.ProcessID;
        try
        {
            while (true)
            {
                await connection.WaitAsync(stoppingToken);
            }
        }
        finally
        {
            _backend = 0;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Lost the connection that hears announcements; live pages may lag until it is back.")]
        public static partial void ConnectionLost(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The other processes were not told of all that has changed; they see it when they look by themselves.")]
        public static partial void NotAnnounced(ILogger logger, Exception exception);
    }
}
