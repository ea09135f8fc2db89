using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Data.Secrets;

/// <summary>Takes up new keys of the ring while the process runs, so that a rotation needs no restart.</summary>
public sealed partial class KeyRingWatch(
    KeyRing ring, SecretBox secrets, IOptions<KeyRingOptions> options, TimeProvider clock, ILogger<KeyRingWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Watch, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                ring.Refresh();
                // It is read anew when somebody needs it, and not for the first who does.
                secrets.Protect(SecretKind.AuditChain, nameof(KeyRingWatch), []);
            }
            catch (Exception away) when (away is DbException or InvalidOperationException or TimeoutException or IOException)
            {
                // The database or the disk is away for a moment. This process goes on with the keys that it has.
                Log.NotRead(logger, away);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The key ring could not be read; this process goes on with the keys that it has.")]
        public static partial void NotRead(ILogger logger, Exception exception);
    }
}
