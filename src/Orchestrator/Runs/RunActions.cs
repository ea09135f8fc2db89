using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>How a person's request ended.</summary>
/// <param name="Refusal">Null when it was done; else why not, in a sentence.</param>
public sealed record ActionResult(string? Refusal)
{
    public static readonly ActionResult Done = new((string?)null);

    public bool IsDone => Refusal is null;
}

/// <summary>What people may ask of a run: confirm, discard, cancel, force-cancel, force-execute. Of two who ask at once, one is told that
/// the other was faster.</summary>
public sealed class RunActions(
    IDbContextFactory<OrchestratorDbContext> databases, RunQueue queue, RunJobs jobs, RunComments comments, SavedPlans savedPlans, PullRequestGate gate,
    IAnnouncements announcements, IOptions<RunLimits> limits, TimeProvider clock)
{
    /// <param name="mayUseCredentials">Whether the apply gets cloud credentials: whoever lets a plan through stands for what it does with
    /// them.</param>
    public async Task<ActionResult> ConfirmAsync(
        RunId id, Actor actor, string? comment, bool mayUseCredentials, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (await db.Runs.Where(run => run.Id == id && run.Status == RunStatus.PlannedAndSaved)
            .Select(run => (WorkspaceId?)run.WorkspaceId).FirstOrDefaultAsync(cancellationToken) is { } workspace)
        {
            await savedPlans.DiscardStaleAsync(workspace, cancellationToken);
        }
        var asked = await gate.AskAsync(db, id, cancellationToken);
        if (asked.Refusal is not null)
        {
            return new ActionResult(asked.Refusal);
        }
        var said = await comments.MaskAsync(db, id, comment, cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (asked.Holder is { } holder && await HoldAsync(db, id, holder, asked.Address, now, cancellationToken) is { } held)
            {
                return new ActionResult(held);
            }
            var moved = await db.MoveAsync(id, RunStatus.Confirmed, now, actor, comment: said,
                also: set => set.SetProperty(run => run.ConfirmedById, actor.Id).SetProperty(run => run.ConfirmedBy, actor.Name)
                    .SetProperty(run => run.AppliesWithoutCredentials, !mayUseCredentials), cancellationToken: cancellationToken);
            if (moved != MoveOutcome.Moved)
            {
                return await RefuseAsync(db, id, "confirmed", cancellationToken);
            }
            var inQueue = await db.Runs.AnyAsync(run => run.Id == id && !run.Options.SavePlan, cancellationToken);
            if (inQueue)
            {
                await db.MoveAsync(id, RunStatus.ApplyQueued, now, cancellationToken: cancellationToken);
                await db.QueuePhaseAsync(id, RunPhase.Apply, now, cancellationToken);
            }
            await transaction.CommitAsync(cancellationToken);
        }
        var confirmed = await db.Runs.AsNoTracking().FirstAsync(run => run.Id == id, cancellationToken);
        Tracing.Join("run.confirm", confirmed.TraceContext, (RunSpans.RunId, id.Value));
        await announcements.AnnounceAsync(Topic.Run(id), cancellationToken);
        if (confirmed.Options.SavePlan)
        {
            await queue.AdvanceAsync(confirmed.WorkspaceId, cancellationToken);
        }
        else
        {
            jobs.Enqueue(confirmed, RunStatus.ApplyQueued);
        }
        return ActionResult.Done;
    }

    /// <summary>Locks the run's workspace for its pull request.</summary>
    /// <returns>Why not, in a sentence; null when it is locked.</returns>
    private static async Task<string?> HoldAsync(OrchestratorDbContext db, RunId id, Actor holder, string? address, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var workspace = await db.Runs.Where(run => run.Id == id).Select(run => run.WorkspaceId).FirstAsync(cancellationToken);
        var reason = RunText.Fit($"It is applied before it is merged.{(address is null ? "" : $" {address}")}", Workspace.MaxLockReasonLength)!;
        if (await db.HoldAsync(workspace, holder, reason, now, cancellationToken) == LockOutcome.Done)
        {
            return null;
        }
        var other = await db.Workspaces.Where(row => row.Id == workspace).Select(row => new { row.LockedBy, row.LockedByRunId }).FirstAsync(cancellationToken);
        return $"The workspace is locked by {other.LockedBy ?? $"{other.LockedByRunId}"}.";
    }

    public async Task<ActionResult> DiscardAsync(RunId id, Actor actor, string? comment, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await EndAsync(db, id, RunStatus.Discarded, RunMoves.Discardable, actor, comment, cancellationToken)
            ? ActionResult.Done
            : await RefuseAsync(db, id, "discarded", cancellationToken);
    }

    /// <summary>Ends a run that waits, and asks a worker to stop one that works: terraform is interrupted and saves its state.</summary>
    public async Task<ActionResult> CancelAsync(RunId id, Actor actor, string? comment, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Waiting first: a worker may claim the run at this moment, and then the second statement finds it.
        RunStatus[] waiting = [.. RunMoves.Cancelable.Except(RunMoves.Claimed)];
        if (await EndAsync(db, id, RunStatus.Canceled, waiting, actor, comment, cancellationToken))
        {
            return ActionResult.Done;
        }
        var now = clock.GetUtcNow();
        var asked = await db.Runs
            .Where(run => run.Id == id && RunMoves.Claimed.Contains(run.Status) && run.CancelRequestedAt == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(run => run.CancelRequestedAt, now)
                .SetProperty(run => run.UpdatedAt, now), cancellationToken);
        if (asked == 0)
        {
            return await RefuseAsync(db, id, "canceled", cancellationToken);
        }
        await RecordAsync(db, id, "cancel_requested", now, actor, comment, cancellationToken);
        await announcements.AnnounceAsync(Topic.Run(id), cancellationToken);
        return ActionResult.Done;
    }

    /// <summary>Kills the process tree of a run that was asked to stop and has not.</summary>
    public async Task<ActionResult> ForceCancelAsync(RunId id, Actor actor, string? comment, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var askedBefore = now - limits.Value.ForceCancelAfter;
        var asked = await db.Runs
            .Where(run => run.Id == id && RunMoves.Claimed.Contains(run.Status)
                && run.CancelRequestedAt <= askedBefore && run.ForceCancelRequestedAt == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(run => run.ForceCancelRequestedAt, now)
                .SetProperty(run => run.UpdatedAt, now), cancellationToken);
        if (asked == 0)
        {
            return new ActionResult("A run can be force-canceled when it was canceled "
                + $"{limits.Value.ForceCancelAfter.TotalSeconds:0} seconds ago and is still running.");
        }
        await RecordAsync(db, id, "force_cancel_requested", now, actor, comment, cancellationToken);
        await announcements.AnnounceAsync(Topic.Run(id), cancellationToken);
        return ActionResult.Done;
    }

    /// <summary>Gives a pending run the place of one that waits for somebody's word: that one is discarded, and so is everything
    /// else that is older.</summary>
    public async Task<ActionResult> ForceExecuteAsync(RunId id, Actor actor, string? comment, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.Id == id, cancellationToken);
        if (run is not { Status: RunStatus.Pending })
        {
            return run is null ? new ActionResult("The run does not exist.") : Refuse(run, "force-executed; only one that is pending can");
        }
        var holder = await (
            from workspace in db.Workspaces.AsNoTracking()
            where workspace.Id == run.WorkspaceId
            join other in db.Runs.AsNoTracking() on workspace.LockedByRunId equals other.Id
            select other).FirstOrDefaultAsync(cancellationToken);
        if (holder is null || holder.Id == id || !RunMoves.Discardable.Contains(holder.Status))
        {
            return new ActionResult(holder is null
                ? "No run stands in the way of this one. If a person has locked the workspace, it has to be unlocked."
                : $"{holder.Id} is {EnumText.Of(holder.Status)} and cannot be discarded. Cancel it first.");
        }
        var said = await comments.MaskAsync(db, id, comment, cancellationToken);
        var now = clock.GetUtcNow();
        var older = await db.Runs
            .Where(other => other.WorkspaceId == run.WorkspaceId && other.Status == RunStatus.Pending
                && !other.Options.PlanOnly && !other.Options.SavePlan && other.CreatedAt < run.CreatedAt)
            .Select(other => other.Id)
            .ToListAsync(cancellationToken);
        var discarded = new List<RunId>();
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            foreach (var other in older.Prepend(holder.Id))
            {
                if (await db.MoveAsync(other, RunStatus.Discarded, now, actor, $"Made way for {id}.", said, only: RunMoves.Discardable,
                    cancellationToken: cancellationToken) == MoveOutcome.Moved)
                {
                    await db.CloseWaitingPhasesAsync(other, now, cancellationToken);
                    discarded.Add(other);
                }
            }
            if (!discarded.Contains(holder.Id))
            {
                return new ActionResult($"{holder.Id} has gone on meanwhile and cannot be discarded any more.");
            }
            await db.RecordAsync(RunEvent.Of(id, "force_executed", now, actor, comment: said), cancellationToken);
            await db.UnlockFromRunAsync(run.WorkspaceId, holder.Id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        foreach (var other in discarded)
        {
            await announcements.AnnounceAsync(Topic.Run(other), cancellationToken);
        }
        await queue.AdvanceAsync(run.WorkspaceId, cancellationToken);
        return ActionResult.Done;
    }

    private async Task RecordAsync(
        OrchestratorDbContext db, RunId id, string action, DateTimeOffset now, Actor actor, string? comment, CancellationToken cancellationToken) =>
        await db.RecordAsync(
            RunEvent.Of(id, action, now, actor, comment: await comments.MaskAsync(db, id, comment, cancellationToken)), cancellationToken);

    private async Task<bool> EndAsync(
        OrchestratorDbContext db, RunId id, RunStatus status, RunStatus[] from, Actor actor, string? comment, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var workspace = await db.Runs.Where(run => run.Id == id).Select(run => run.WorkspaceId).FirstOrDefaultAsync(cancellationToken);
        var said = await comments.MaskAsync(db, id, comment, cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (await db.MoveAsync(id, status, now, actor, comment: said, only: from, cancellationToken: cancellationToken) != MoveOutcome.Moved)
            {
                return false;
            }
            await db.CloseWaitingPhasesAsync(id, now, cancellationToken);
            await db.UnlockFromRunAsync(workspace, id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await announcements.AnnounceAsync(Topic.Run(id), cancellationToken);
        await queue.AdvanceAsync(workspace, cancellationToken);
        return true;
    }

    private static async Task<ActionResult> RefuseAsync(
        OrchestratorDbContext db, RunId id, string wanted, CancellationToken cancellationToken)
    {
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.Id == id, cancellationToken);
        if (run is null)
        {
            return new ActionResult("The run does not exist.");
        }
        return Refuse(run, wanted);
    }

    private static ActionResult Refuse(Run run, string wanted) => new(run.CancelRequestedAt is not null && RunMoves.Claimed.Contains(run.Status)
        ? "The run is already being canceled."
        : $"The run is {EnumText.Of(run.Status)}, so it cannot be {wanted}.");
}
