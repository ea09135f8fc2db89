using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Makes every run's row true again after something died: at start, and every few seconds.</summary>
/// <remarks>Phases whose worker died are ended; queued runs whose job was lost get a new one (<see cref="RunTurns.WakeAsync"/>); queues with nobody at
/// their head go on; leftovers of runs that are over are removed.</remarks>
public sealed partial class RunRecovery(
    IDbContextFactory<OrchestratorDbContext> databases, AbandonedPhases abandoned, RunQueue queue, RunTurns turns, SavedPlans savedPlans,
    TriggeredRuns triggered, RunWatches watches, StateRescue rescue, RunLogStore logs, IOptions<DataOptions> options, DataDirectory data, Sandbox sandbox,
    TimeProvider clock, ILogger<RunRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>How often it looks for claims without a sign of life.</summary>
    public static readonly TimeSpan ClaimInterval = TimeSpan.FromSeconds(1);

    /// <summary>On SQLite, jobs live in memory and have died with the process. New ones are made before any is taken, so that what
    /// is queued is queued once.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Database.Provider == DatabaseProvider.Sqlite)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await turns.WakeAsync(db, cancellationToken, patience: TimeSpan.Zero);
        }
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(
            EveryAsync(ClaimInterval, abandoned.LookAsync, Log.NotLooked, stoppingToken),
            EveryAsync(Interval, SweepAsync, Log.Failed, stoppingToken));
        await abandoned.EndedAsync();
    }

    /// <summary>One sweep, with all that it finds to end.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await abandoned.LookAsync(cancellationToken);
        await abandoned.EndedAsync();
        await SweepAsync(cancellationToken);
    }

    private async Task EveryAsync(
        TimeSpan interval, Func<CancellationToken, Task> work, Action<ILogger, Exception> failed, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        var wasWell = true;
        do
        {
            try
            {
                await work(stoppingToken);
                wasWell = true;
            }
            catch (Exception problem) when (problem is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Once is enough until it goes well again.
                if (wasWell)
                {
                    failed(logger, problem);
                }
                wasWell = false;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(
            tick => tick is { IsCompletedSuccessfully: true, Result: true }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await AdvanceStuckQueuesAsync(db, cancellationToken);
        await turns.WakeAsync(db, cancellationToken);
        await savedPlans.DiscardStaleAsync(workspace: null, cancellationToken);
        await triggered.FollowAsync(source: null, cancellationToken);
        await RemoveLeftoversAsync(db, cancellationToken);
        await logs.RemoveSpooledAsync(async run => !watches.AreWatching(run)
            && !await db.Runs.AnyAsync(row => row.Id == run && RunMoves.Claimed.Contains(row.Status), cancellationToken));
    }

    /// <summary>A crash between the end of one run and the start of the next leaves a queue with nobody at its head. Where a run has the lock, what
    /// waits for it goes on when that one ends; a large installation has many of those.</summary>
    private async Task AdvanceStuckQueuesAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var waiting = await (
            from run in db.Runs
            where run.Status == RunStatus.Pending || (run.Status == RunStatus.Confirmed && run.Options.SavePlan)
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            where workspace.LockedByRunId == null || run.Options.PlanOnly || run.Options.SavePlan
            select workspace.Id).Distinct().ToListAsync(cancellationToken);
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
            var isRuns = Identifier.TryParse<RunId>(Path.GetFileName(directory), out var id);
            if (isRuns && watches.AreWatching(id))
            {
                // Its claim may be lost; then it is clearing up itself.
                continue;
            }
            if (!isRuns || !await db.Runs.AnyAsync(run => run.Id == id && RunMoves.Claimed.Contains(run.Status), cancellationToken))
            {
                await ProcessTree.KillAsync(Path.GetFileName(directory), clock);
                if (isRuns)
                {
                    await rescue.KeepLeftAsync(id, cancellationToken);
                }
                if (sandbox.Users is { } users)
                {
                    await users.KillOwnerOfAsync(directory, clock);
                }
                DirectoryRemoval.Remove(directory);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The sweep over the runs failed; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "The look for runs whose worker died failed; it is tried again each second.")]
        public static partial void NotLooked(ILogger logger, Exception exception);
    }
}
