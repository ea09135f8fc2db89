using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Makes every run's row true again after something died: at start, and every few seconds.</summary>
/// <remarks>
/// A phase whose worker gives no sign of life is ended as what it is: a plan is queued again, for it changed nothing; an apply
/// ends errored, after terraform had the time to deliver its state. Queued runs whose job was lost get a new one; leftovers of
/// runs that are over are removed.
/// </remarks>
public sealed partial class RunRecovery(
    IDbContextFactory<OrchestratorDbContext> databases, RunClaims claims, PhaseSteps steps, RunWatches watches, RunLogStore logs, RunQueue queue, RunJobs jobs,
    WorkerIdentity worker, IOptions<DataOptions> options, DataDirectory data, TimeProvider clock, ILogger<RunRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Several missed beats: longer than a busy database or a collecting runtime keeps a living worker silent.</summary>
    public static readonly TimeSpan SilenceOfTheDead = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>The first look is taken before any job runs, so that what is queued is queued once.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RequeueAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await RecoverAsync(stoppingToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                Log.Failed(logger, failed);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(
            tick => tick is { IsCompletedSuccessfully: true, Result: true }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default));
    }

    /// <summary>Ends or requeues every phase whose worker is dead, and lets waiting runs through.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var alone = options.Value.Database.Provider == DatabaseProvider.Sqlite;
        var silentSince = clock.GetUtcNow() - SilenceOfTheDead;
        // On SQLite this process holds the data directory: whoever else had claimed a run is dead.
        var abandoned = await db.Runs.AsNoTracking()
            .Where(run => RunMoves.Claimed.Contains(run.Status)
                && (run.HeartbeatAt < silentSince || (alone && run.ClaimedBy != worker.Name)))
            .ToListAsync(cancellationToken);
        foreach (var run in abandoned.Where(run => run.ClaimedBy != worker.Name || !watches.AreWatching(run.Id)))
        {
            if (await claims.TakeOverAsync(run, cancellationToken) is { } claim)
            {
                Log.Abandoned(logger, run.Id, claim.PhaseName, run.ClaimedBy);
                await EndAbandonedAsync(claim, cancellationToken);
            }
        }
        await AdvanceStuckQueuesAsync(db, cancellationToken);
        await RemoveLeftoversAsync(db, cancellationToken);
    }

    private async Task EndAbandonedAsync(RunClaim claim, CancellationToken cancellationToken)
    {
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
        var receipt = await steps.Wipe.WipeAsync(claim, minted: [], deliveries: []);
        await steps.Endings.RecordAsync(claim, result, receipt, [], log.Length);
    }

    /// <summary>The dead worker's terraform was interrupted by its guard and is delivering its state to us, now that we are back.</summary>
    private async Task WaitForTerraformToSaveAsync(RunId run, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (ProcessTree.Find(run.Value).Count > 0 && clock.GetElapsedTime(started) < TimeToSave)
        {
            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    /// <summary>Jobs that were queued in memory died with the process.</summary>
    private async Task RequeueAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Database.Provider != DatabaseProvider.Sqlite)
        {
            return;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var queued = await db.Runs.AsNoTracking()
            .Where(run => run.Status == RunStatus.PlanQueued || run.Status == RunStatus.ApplyQueued)
            .OrderBy(run => run.CreatedAt)
            .ToListAsync(cancellationToken);
        foreach (var run in queued)
        {
            jobs.Enqueue(run.Id, run.Options, run.Status);
        }
    }

    /// <summary>A crash between the end of one run and the start of the next leaves a queue with nobody at its head.</summary>
    private async Task AdvanceStuckQueuesAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var waiting = await db.Runs.AsNoTracking()
            .Where(run => run.Status == RunStatus.Pending || (run.Status == RunStatus.Confirmed && run.Options.SavePlan))
            .Select(run => run.WorkspaceId)
            .Distinct()
            .ToListAsync(cancellationToken);
        foreach (var workspace in waiting)
        {
            await queue.AdvanceAsync(workspace, cancellationToken);
        }
    }

    /// <summary>Directories of runs that nobody is working on.</summary>
    private async Task RemoveLeftoversAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        foreach (var directory in Directory.EnumerateDirectories(data.Runs))
        {
            if (!Identifier.TryParse<RunId>(Path.GetFileName(directory), out var id)
                || !await db.Runs.AnyAsync(run => run.Id == id && RunMoves.Claimed.Contains(run.Status), cancellationToken))
            {
                await ProcessTree.KillAsync(Path.GetFileName(directory), clock);
                DirectoryRemoval.Remove(directory);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {RunId} was abandoned in its {Phase} by worker {Worker}, which is dead.")]
        public static partial void Abandoned(ILogger logger, RunId runId, string phase, string? worker);

        [LoggerMessage(2, LogLevel.Error, "The sweep over the runs failed; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
