using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Data.Audit;

/// <summary>Section <c>Orchestrator:Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>The audit trail forgets an entry when it is so many days old. Default: never.</summary>
    [Range(1, 36_500, ErrorMessage = "Orchestrator__Audit__KeepDays is a number of days from 1 to 36500. Leave it out to keep the audit trail for ever.")]
    public int? KeepDays { get; set; }

    /// <summary>Also records who has read which log, once an hour for each reader and log. Default: yes.</summary>
    public bool LogReads { get; set; } = true;
}

/// <summary>Gives places in the chain to what was recorded, and removes what is older than it is to be kept. Any number of processes
/// may do so at once.</summary>
public sealed partial class AuditUpkeep(
    AuditTrail trail, AuditChainWriter writer, IOptions<AuditOptions> options, TimeProvider clock, ILogger<AuditUpkeep> logger) : BackgroundService
{
    // What this process has left is appended soon. What jobs and other processes have stored may wait a little longer.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(15);

    /// <returns>How many entries were removed.</returns>
    public async Task<int> TrimAsync(CancellationToken cancellationToken)
    {
        if (options.Value.KeepDays is not { } days)
        {
            return 0;
        }
        var now = clock.GetUtcNow();
        var removed = await writer.TrimAsync(now - TimeSpan.FromDays(days), now, cancellationToken);
        if (removed > 0)
        {
            Log.Trimmed(logger, removed, days);
        }
        return removed;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(trail.CatchUpAsync, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var trimmedAt = clock.GetTimestamp();
        var lookedAt = trimmedAt;
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (trail.TakeHasLeft() || clock.GetElapsedTime(lookedAt) >= LongestWait)
            {
                lookedAt = clock.GetTimestamp();
                await TryAsync(trail.CatchUpAsync, stoppingToken);
            }
            if (clock.GetElapsedTime(trimmedAt) >= TrimInterval)
            {
                trimmedAt = clock.GetTimestamp();
                await TryAsync(TrimAsync, stoppingToken);
            }
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Log.Failed(logger, failed);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The audit trail has forgotten {Count} entries that were older than {Days} days.")]
        public static partial void Trimmed(ILogger logger, int count, int days);

        [LoggerMessage(2, LogLevel.Warning, "The audit trail could not be kept up; it is tried again in a moment.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
