using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestrator.Data.Announcements;

/// <summary>Announcements between all processes on one PostgreSQL database, through <c>LISTEN</c>/<c>NOTIFY</c> on one
/// channel with the topic as payload.</summary>
/// <remarks>The connection that listens also shows that this process is there: it shares a lock with those of all others, and the database
/// lets go of it when the process dies.</remarks>
internal sealed partial class PostgresAnnouncements(
    NpgsqlDataSource database, TimeProvider clock, ILogger<PostgresAnnouncements> logger) : BackgroundService, IAnnouncements, INeighbours
{
    private const string Channel = "orchestrator";

    // Two numbers that nobody else locks: "orch", "est".
    private const string Presence = "1869767528, 6648692";
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    private readonly LocalAnnouncements _local = new();

    // Of the connection that listens; 0 while there is none.
    private volatile int _backend;

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

    public async ValueTask AnnounceAsync(Topic topic, CancellationToken cancellationToken)
    {
        // Listeners in this process hear it at once, also while the database is away.
        _local.Deliver(topic);
        try
        {
            await using var command = database.CreateCommand("SELECT pg_notify($1, $2)");
            command.Parameters.AddWithValue(Channel);
            command.Parameters.AddWithValue(topic.Name);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException)
        {
            Log.NotAnnounced(logger, topic.Name, away);
        }
    }

    public ISubscription Subscribe(Topic topic) => _local.Subscribe(topic);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
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
            catch (Exception away) when (away is NpgsqlException or IOException or TimeoutException)
            {
                Log.ConnectionLost(logger, away);
                await Task.Delay(ReconnectPause, clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        await using var connection = await database.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, notification) => _local.Deliver(Topic.Named(notification.Payload));
        await using (var listen = new NpgsqlCommand($"SELECT pg_advisory_lock_shared({Presence})", connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
            listen.CommandText = $"LISTEN {Channel}";
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

        [LoggerMessage(2, LogLevel.Warning, "The other processes were not told of {Topic}; they see it when they look by themselves.")]
        public static partial void NotAnnounced(ILogger logger, string topic, Exception exception);
    }
}
