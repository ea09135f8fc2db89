using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestrator.Data.Announcements;

/// <summary>Announcements between all processes on one PostgreSQL database, through <c>LISTEN</c>/<c>NOTIFY</c> on one
/// channel with the topic as payload.</summary>
internal sealed partial class PostgresAnnouncements(
    NpgsqlDataSource database, TimeProvider clock, ILogger<PostgresAnnouncements> logger) : BackgroundService, IAnnouncements
{
    private const string Channel = "orchestrator";
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    private readonly LocalAnnouncements _local = new();

    public async ValueTask AnnounceAsync(Topic topic, CancellationToken cancellationToken)
    {
        // Listeners in this process hear it at once, also while the database is away.
        _local.Deliver(topic);
        await using var command = database.CreateCommand("SELECT pg_notify($1, $2)");
        command.Parameters.AddWithValue(Channel);
        command.Parameters.AddWithValue(topic.Name);
        await command.ExecuteNonQueryAsync(cancellationToken);
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
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }
        while (true)
        {
            await connection.WaitAsync(stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Lost the connection that hears announcements; live pages may lag until it is back.")]
        public static partial void ConnectionLost(ILogger logger, Exception exception);
    }
}
