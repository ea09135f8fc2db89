using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Workspaces;

public enum LockOutcome
{
    Done,

    /// <summary>Somebody else holds it. Nothing was changed.</summary>
    HeldByAnother,

    /// <summary>Nobody holds it. Nothing was changed.</summary>
    NotLocked,
}

/// <summary>The workspace's lock: one holder: a person, a team (by its token), a run, or a pull request that is applied before it is merged, within
/// whose lock its own runs take theirs. Each change is one guarded UPDATE, so that of two who
/// try at once exactly one has it.</summary>
public static class WorkspaceLocks
{
    /// <param name="within">The holder of a lock within which the run may have its own; null: of none.</param>
    public static async Task<LockOutcome> LockForRunAsync(
        this OrchestratorDbContext db, WorkspaceId id, RunId run, DateTimeOffset now, CancellationToken cancellationToken, string? within = null)
    {
        var locked = await db.Workspaces
            .Where(workspace => workspace.Id == id && workspace.LockedByRunId == null && (workspace.LockedById == null || workspace.LockedById == within))
            .ExecuteUpdateAsync(set => set
                .SetProperty(workspace => workspace.LockedByRunId, run)
                .SetProperty(workspace => workspace.CurrentRunId, run)
                .SetProperty(workspace => workspace.UpdatedAt, now)
                .SetProperty(workspace => workspace.LockedAt, workspace => workspace.LockedById == null ? now : workspace.LockedAt), cancellationToken);
        return locked == 1 ? LockOutcome.Done : LockOutcome.HeldByAnother;
    }

    /// <summary>Shows the run that is next as the workspace's current one while a person holds the lock: clients then say what it
    /// waits for.</summary>
    public static Task PutInFrontAsync(this OrchestratorDbContext db, WorkspaceId id, RunId next, CancellationToken cancellationToken) =>
        db.Workspaces
            .Where(workspace => workspace.Id == id && workspace.LockedBy != null && workspace.LockedByRunId == null && workspace.CurrentRunId != next)
            .ExecuteUpdateAsync(set => set.SetProperty(workspace => workspace.CurrentRunId, next), cancellationToken);

    public static async Task<LockOutcome> UnlockFromRunAsync(
        this OrchestratorDbContext db, WorkspaceId id, RunId run, CancellationToken cancellationToken)
    {
        var unlocked = await db.Workspaces
            .Where(workspace => workspace.Id == id && workspace.LockedByRunId == run)
            .ExecuteUpdateAsync(set => set
                .SetProperty(workspace => workspace.LockedByRunId, (RunId?)null)
                .SetProperty(workspace => workspace.LockedAt, workspace => workspace.LockedById == null ? null : workspace.LockedAt), cancellationToken);
        return unlocked == 1 ? LockOutcome.Done : LockOutcome.NotLocked;
    }

    /// <summary>Takes the lock for a holder whose own runs go on within it. Whoever has it has it already.</summary>
    public static async Task<LockOutcome> HoldAsync(
        this OrchestratorDbContext db, WorkspaceId id, Actor holder, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var locked = await db.Workspaces
            .Where(workspace => workspace.Id == id && ((workspace.LockedByRunId == null && workspace.LockedById == null) || workspace.LockedById == holder.Id))
            .ExecuteUpdateAsync(set => set
                .SetProperty(workspace => workspace.LockedAt, workspace => workspace.LockedById == null ? now : workspace.LockedAt)
                .SetProperty(workspace => workspace.LockedById, holder.Id)
                .SetProperty(workspace => workspace.LockedBy, holder.Name)
                .SetProperty(workspace => workspace.LockReason, reason), cancellationToken);
        return locked == 1 ? LockOutcome.Done : LockOutcome.HeldByAnother;
    }

    /// <summary>Gives back what <see cref="HoldAsync"/> has taken; a run that works within it goes on, and keeps its own lock.</summary>
    public static async Task<LockOutcome> ReleaseAsync(this OrchestratorDbContext db, WorkspaceId id, Actor holder, CancellationToken cancellationToken)
    {
        var unlocked = await db.Workspaces
            .Where(workspace => workspace.Id == id && workspace.LockedById == holder.Id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(workspace => workspace.LockedById, (string?)null)
                .SetProperty(workspace => workspace.LockedBy, (string?)null)
                .SetProperty(workspace => workspace.LockReason, (string?)null)
                .SetProperty(workspace => workspace.LockedAt, workspace => workspace.LockedByRunId == null ? null : workspace.LockedAt), cancellationToken);
        return unlocked == 1 ? LockOutcome.Done : LockOutcome.NotLocked;
    }

    public static async Task<LockOutcome> LockAsync(
        this OrchestratorDbContext db, WorkspaceId id, Actor holder, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var locked = await db.Workspaces
            .Where(workspace => workspace.Id == id && workspace.LockedByRunId == null && workspace.LockedById == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(workspace => workspace.LockedById, holder.Id)
                .SetProperty(workspace => workspace.LockedBy, holder.Name)
                .SetProperty(workspace => workspace.LockReason, reason)
                .SetProperty(workspace => workspace.LockedAt, now), cancellationToken);
        return locked == 1 ? LockOutcome.Done : LockOutcome.HeldByAnother;
    }

    /// <summary>Gives back a lock that <paramref name="holder"/> holds.</summary>
    public static async Task<LockOutcome> UnlockAsync(
        this OrchestratorDbContext db, WorkspaceId id, Actor holder, CancellationToken cancellationToken)
    {
        var unlocked = await Release(db.Workspaces
            .Where(workspace => workspace.Id == id && workspace.LockedByRunId == null && workspace.LockedById == holder.Id), cancellationToken);
        if (unlocked == 1)
        {
            return LockOutcome.Done;
        }
        var locked = await db.Workspaces.AnyAsync(workspace =>
            workspace.Id == id && (workspace.LockedByRunId != null || workspace.LockedById != null), cancellationToken);
        return locked ? LockOutcome.HeldByAnother : LockOutcome.NotLocked;
    }

    /// <summary>Takes the lock from any person. A run's lock stays: while it works, its state must not be touched.</summary>
    public static async Task<LockOutcome> ForceUnlockAsync(
        this OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken)
    {
        var unlocked = await Release(db.Workspaces
            .Where(workspace => workspace.Id == id && workspace.LockedByRunId == null && workspace.LockedById != null), cancellationToken);
        if (unlocked == 1)
        {
            return LockOutcome.Done;
        }
        var byRun = await db.Workspaces.AnyAsync(workspace => workspace.Id == id && workspace.LockedByRunId != null, cancellationToken);
        return byRun ? LockOutcome.HeldByAnother : LockOutcome.NotLocked;
    }

    private static Task<int> Release(IQueryable<Workspace> held, CancellationToken cancellationToken) =>
        held.ExecuteUpdateAsync(set => set
            .SetProperty(workspace => workspace.LockedByRunId, (RunId?)null)
            .SetProperty(workspace => workspace.LockedById, (string?)null)
            .SetProperty(workspace => workspace.LockedBy, (string?)null)
            .SetProperty(workspace => workspace.LockReason, (string?)null)
            .SetProperty(workspace => workspace.LockedAt, (DateTimeOffset?)null), cancellationToken);
}
