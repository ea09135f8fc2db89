using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Credentials;

/// <summary>Section <c>Orchestrator:Ledger</c>.</summary>
public sealed class LedgerOptions
{
    /// <summary>The ledger forgets an entry when it is so many days old. Default: never.</summary>
    [Range(1, 36_500, ErrorMessage = "Orchestrator__Ledger__KeepDays is a number of days from 1 to 36500. Leave it out to keep the ledger for ever.")]
    public int? KeepDays { get; set; }
}

/// <summary>Removes from the ledger what is older than it is to be kept. Any number of processes may do so at once.</summary>
public sealed partial class LedgerSweep(
    IDbContextFactory<OrchestratorDbContext> databases, IOptions<LedgerOptions> options, TimeProvider clock, ILogger<LedgerSweep> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    // So that nobody who writes to the database waits for long.
    private const int AtOnce = 5000;

    /// <returns>How many entries were removed.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        if (options.Value.KeepDays is not { } days)
        {
            return 0;
        }
        var before = clock.GetUtcNow() - TimeSpan.FromDays(days);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (removed, all) = (0, 0);
        do
        {
            removed = await db.CredentialGrants
                .Where(grant => db.CredentialGrants
                    .Where(old => old.CreatedAt < before).OrderBy(old => old.CreatedAt).Take(AtOnce).Select(old => old.Id).Contains(grant.Id))
                .ExecuteDeleteAsync(cancellationToken);
            all += removed;
        }
        while (removed == AtOnce);
        if (all > 0)
        {
            Log.Swept(logger, all, days);
        }
        return all;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.KeepDays is null)
        {
            return;
        }
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                Log.Failed(logger, failed);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The ledger of credentials has forgotten {Count} entries that were older than {Days} days.")]
        public static partial void Swept(ILogger logger, int count, int days);

        [LoggerMessage(2, LogLevel.Error, "The ledger of credentials could not be swept; it is tried again in a quarter of an hour.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
