using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Runs;

/// <summary>Lets go every few hours what the policies do not keep.</summary>
public sealed partial class RetentionSweep(Retention retention, TimeProvider clock, ILogger<RetentionSweep> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(3);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        DispatchLoop.RunAsync(SweepAsync, failed => Log.Failed(logger, failed), clock, stoppingToken, Interval);

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var gone in await retention.SweepAsync(only: null, cancellationToken))
        {
            Log.Swept(logger, gone.Count, gone.Kind, gone.Bytes, gone.Organization);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The retention policy has removed {Count} {Kind} of {Bytes} bytes in the organization {Organization}.")]
        public static partial void Swept(ILogger logger, int count, Organizations.RetainedKind kind, long bytes, string organization);

        [LoggerMessage(2, LogLevel.Error, "What is not to be kept could not be removed; it is tried again in a few hours.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
