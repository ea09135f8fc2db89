using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Ends phases whose worker gives no sign of life, as what they are: a plan is queued again, for it changed nothing; an
/// apply ends errored, after terraform had the time to deliver its state.</summary>
public sealed partial class AbandonedPhases(
    RunClaims claims, PhaseSteps steps, RunWatches watches, RunLogStore logs, WorkerIdentity worker,
    IOptions<DataOptions> data, IOptions<TerraformOptions> engine, TimeProvider clock, ILogger<AbandonedPhases> logger)
{
    /// <summary>Several missed beats: longer than a busy database or a collecting runtime keeps a living worker silent.</summary>
    public static readonly TimeSpan SilenceOfTheDead = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public async Task EndAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var alone = data.Value.Database.Provider == DatabaseProvider.Sqlite;
        var silentSince = clock.GetUtcNow() - SilenceOfTheDead;
        // On SQLite this process holds the data directory: whoever else had claimed a run is dead.
        var abandoned = await db.Runs.AsNoTracking()
            .Where(run => RunMoves.Claimed.Contains(run.Status)
                && (run.HeartbeatAt < silentSince || (alone && run.ClaimedBy != worker.Name)))
            .ToListAsync(cancellationToken);
        foreach (var run in abandoned.Where(run => run.ClaimedBy != worker.Name || !watches.AreWatching(run.Id)))
        {
            try
            {
                if (await claims.TakeOverAsync(run, cancellationToken) is { } claim)
                {
                    Log.Abandoned(logger, run.Id, claim.PhaseName, run.ClaimedBy);
                    await EndAsync(claim, cancellationToken);
                }
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // It is found again as soon as this attempt has been silent for long enough.
                Log.Failed(logger, failed, run.Id);
            }
        }
    }

    private async Task EndAsync(RunClaim claim, CancellationToken cancellationToken)
    {
        using var span = RunSpans.BeginRecovery(claim);
        if (claim.Phase == RunPhase.Apply)
        {
            await WaitForTerraformToSaveAsync(claim.Run.Id, cancellationToken);
        }
        var note = await steps.Rescue.DeliverAsync(claim);
        var result = new PhaseResult(
            claim.Run.CancelRequestedAt is null ? PhaseEnding.Interrupted : PhaseEnding.Canceled,
            Outcome: claim.Phase == RunPhase.Plan
                ? "The worker died while it planned. Nothing was changed."
                : "The worker died while it applied this run. Terraform was interrupted; the state holds everything it has recorded. "
                    + "Start a new run to finish the work.").With(note);
        await using var log = await logs.OpenAsync(claim.Run.Id, claim.PhaseName, cancellationToken);
        await log.WriteLineAsync($"\n\u001b[31m{result.Outcome}\u001b[0m", cancellationToken);
        await log.CompleteAsync();
        var receipt = await steps.Wipe.WipeAsync(claim, minted: [], deliveries: [], user: null);
        await steps.Endings.RecordAsync(claim, result, receipt, [], log.Length);
    }

    /// <summary>The dead worker's terraform was interrupted by its guard and is delivering its state to us, now that we are back.
    /// What else is left of the run is not worth waiting for; the wipe kills it.</summary>
    private async Task WaitForTerraformToSaveAsync(RunId run, CancellationToken cancellationToken)
    {
        var (started, limit) = (clock.GetTimestamp(), TimeSpan.FromSeconds(engine.Value.SecondsToSaveAfterWorkerDied));
        while (Guard.IsOnDuty(run.Value) && clock.GetElapsedTime(started) < limit)
        {
            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {RunId} was abandoned in its {Phase} by worker {Worker}, which is dead.")]
        public static partial void Abandoned(ILogger logger, RunId runId, string phase, string? worker);

        [LoggerMessage(2, LogLevel.Error, "Abandoned run {RunId} could not be ended; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception, RunId runId);
    }
}
