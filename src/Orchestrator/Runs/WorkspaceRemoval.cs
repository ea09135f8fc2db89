using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Data.Blobs;
using Orchestrator.States;

namespace Orchestrator.Runs;

public enum RemovalOutcome
{
    Removed,

    NotFound,

    /// <summary>A run works on it: it applies, or its plan has not stopped yet.</summary>
    LockedByRun,

    /// <summary>Only asked for by the safe way: somebody holds the lock. Nothing was removed.</summary>
    Locked,

    /// <summary>Only asked for by the safe way: a state is on its way. Nothing was removed.</summary>
    StatePending,

    /// <summary>Only not asked for by force: terraform manages resources in it. Nothing was removed.</summary>
    ManagesResources,
}

/// <summary>How careful to be with a workspace.</summary>
public enum RemovalCare
{
    /// <summary>Only one that manages nothing and that nobody is working on.</summary>
    Safe,

    /// <summary>Only one that manages nothing.</summary>
    Empty,

    /// <summary>Whatever it manages: nobody will know of those resources any more.</summary>
    Force,
}

/// <summary>Removes a workspace with everything that belongs to it: runs, logs, plans, states, configurations, variables.</summary>
public sealed class WorkspaceRemoval(
    IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, RunActions actions, IAnnouncements announcements, TimeProvider clock)
{
    // So long whoever removes a workspace waits until its plans have stopped; it is meant for terraform's interrupt, which takes a moment.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public async Task<RemovalOutcome> RemoveAsync(WorkspaceId id, RemovalCare care, CancellationToken cancellationToken)
    {
        var safely = care == RemovalCare.Safe;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!safely)
        {
            // Nothing is cut short for a removal that cannot be.
            if (await FindObstacleAsync(db, id, care, cancellationToken) is { } known)
            {
                return known;
            }
            if (await db.Runs.AnyAsync(run => run.WorkspaceId == id && run.Status == RunStatus.Applying, cancellationToken))
            {
                return RemovalOutcome.LockedByRun;
            }
            await StopPlansAsync(db, id, cancellationToken);
        }
        List<BlobKey> orphans;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (!await db.Workspaces.AnyAsync(row => row.Id == id, cancellationToken))
            {
                return RemovalOutcome.NotFound;
            }
            if (await FindObstacleAsync(db, id, care, cancellationToken) is { } obstacle)
            {
                return obstacle;
            }
            await HandOverAsync(db, id, cancellationToken);
            orphans = await BlobsOfAsync(db, id, cancellationToken);
            // Runs first: they hold their configuration versions.
            await db.Runs
                .Where(run => run.WorkspaceId == id && !RunMoves.Claimed.Contains(run.Status))
                .ExecuteDeleteAsync(cancellationToken);
            if (await db.Runs.AnyAsync(run => run.WorkspaceId == id, cancellationToken)
                || await DeleteAsync(db, id, care, cancellationToken) == 0)
            {
                return safely ? RemovalOutcome.Locked : RemovalOutcome.LockedByRun;
            }
            await transaction.CommitAsync(cancellationToken);
        }
        foreach (var orphan in orphans)
        {
            await blobs.DeleteAsync(orphan, CancellationToken.None);
        }
        return RemovalOutcome.Removed;
    }

    /// <summary>Cuts short what only plans: it has changed nothing.</summary>
    private async Task StopPlansAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken)
    {
        var planning = await db.Runs.Where(run => run.WorkspaceId == id && run.Status == RunStatus.Planning)
            .Select(run => run.Id).ToListAsync(cancellationToken);
        var until = clock.GetUtcNow() + Patience;
        foreach (var run in planning)
        {
            using var changed = announcements.Subscribe(Topic.Run(run));
            await actions.CancelAsync(run, Actor.Platform, comment: null, cancellationToken);
            while (clock.GetUtcNow() < until
                && await db.Runs.AnyAsync(row => row.Id == run && row.Status == RunStatus.Planning, cancellationToken))
            {
                using var pause = new CancellationTokenSource(LookAgain, clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, cancellationToken);
                await changed.WaitAsync(either.Token).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Configurations that other workspaces have run belong to one of those from now on. It is not that one's current configuration
    /// thereby, unless it has applied it.</summary>
    private static Task<int> HandOverAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        db.ConfigurationVersions
            .Where(version => version.WorkspaceId == id && db.Runs.Any(run => run.ConfigurationVersionId == version.Id && run.WorkspaceId != id))
            .ExecuteUpdateAsync(set => set
                .SetProperty(version => version.WorkspaceId, version => db.Runs
                    .Where(run => run.ConfigurationVersionId == version.Id && run.WorkspaceId != id)
                    .OrderBy(run => run.CreatedAt)
                    .Select(run => run.WorkspaceId)
                    .First())
                .SetProperty(version => version.Provisional, true), cancellationToken);

    private async Task<RemovalOutcome?> FindObstacleAsync(OrchestratorDbContext db, WorkspaceId id, RemovalCare care, CancellationToken cancellationToken)
    {
        if (care == RemovalCare.Safe)
        {
            if (await db.Workspaces.AnyAsync(row => row.Id == id && (row.LockedByRunId != null || row.LockedById != null), cancellationToken))
            {
                return RemovalOutcome.Locked;
            }
            if (await db.IsStatePendingAsync(id, clock.GetUtcNow(), cancellationToken))
            {
                return RemovalOutcome.StatePending;
            }
        }
        return care != RemovalCare.Force && await db.Workspaces.AnyAsync(
            row => row.Id == id && db.StateVersions.Any(state => state.Id == row.CurrentStateVersionId && state.ResourceCount > 0), cancellationToken)
            ? RemovalOutcome.ManagesResources
            : null;
    }

    /// <summary>Says once more what it needs: since it was looked at, the workspace may have been locked or its state become another.</summary>
    private static Task<int> DeleteAsync(OrchestratorDbContext db, WorkspaceId id, RemovalCare care, CancellationToken cancellationToken)
    {
        var (safely, force) = (care == RemovalCare.Safe, care == RemovalCare.Force);
        return db.Workspaces.Where(row => row.Id == id
            // A lock of a run that is removed here is nobody's.
            && !db.Runs.Any(run => run.Id == row.LockedByRunId)
            && (!safely || (row.LockedById == null && row.LockedByRunId == null))
            && (force || !db.StateVersions.Any(state => state.Id == row.CurrentStateVersionId && state.ResourceCount > 0)))
            .ExecuteDeleteAsync(cancellationToken);
    }

    private static async Task<List<BlobKey>> BlobsOfAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken)
    {
        var runs = await db.Runs.Where(run => run.WorkspaceId == id).Select(run => run.Id).ToListAsync(cancellationToken);
        var states = await db.StateVersions.Where(state => state.WorkspaceId == id).Select(state => state.Id).ToListAsync(cancellationToken);
        var versions = await db.ConfigurationVersions.Where(version => version.WorkspaceId == id).Select(version => version.Id).ToListAsync(cancellationToken);
        return
        [
            .. runs.SelectMany(run => new[]
            {
                BlobKey.PlanFile(run), BlobKey.PlanJson(run), BlobKey.PlanLock(run), BlobKey.PlanSchemas(run), BlobKey.ErroredState(run),
            }),
            .. states.SelectMany(state => new[] { BlobKey.State(state), BlobKey.StateJson(state) }),
            .. versions.Select(BlobKey.Configuration),
        ];
    }
}
