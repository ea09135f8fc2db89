using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.States;

namespace Orchestrator.Runs;

public enum RemovalOutcome
{
    Removed,

    NotFound,

    /// <summary>A run holds the workspace's lock. Nothing was removed.</summary>
    LockedByRun,

    /// <summary>Only asked for by the safe way: somebody holds the lock. Nothing was removed.</summary>
    Locked,

    /// <summary>Only asked for by the safe way: a state is on its way. Nothing was removed.</summary>
    StatePending,

    /// <summary>Only asked for by the safe way: terraform manages resources in it. Nothing was removed.</summary>
    ManagesResources,
}

/// <summary>Removes a workspace with everything that belongs to it: runs, logs, plans, states, configurations, variables.</summary>
public sealed class WorkspaceRemoval(IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, TimeProvider clock)
{
    /// <param name="safely">Only a workspace that manages nothing and that nobody is working on. Else whatever it manages: nobody will know
    /// of those resources any more.</param>
    public async Task<RemovalOutcome> RemoveAsync(WorkspaceId id, bool safely, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var orphans = await BlobsOfAsync(db, id, cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (!await db.Workspaces.AnyAsync(row => row.Id == id, cancellationToken))
            {
                return RemovalOutcome.NotFound;
            }
            if (safely && await FindObstacleAsync(db, id, cancellationToken) is { } obstacle)
            {
                return obstacle;
            }
            // Runs first: they hold their configuration versions.
            await db.Runs
                .Where(run => run.WorkspaceId == id && !RunMoves.Claimed.Contains(run.Status))
                .ExecuteDeleteAsync(cancellationToken);
            if (await db.Runs.AnyAsync(run => run.WorkspaceId == id, cancellationToken)
                || await DeleteAsync(db, id, safely, cancellationToken) == 0)
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

    private async Task<RemovalOutcome?> FindObstacleAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken)
    {
        if (await db.Workspaces.AnyAsync(row => row.Id == id && (row.LockedByRunId != null || row.LockedById != null), cancellationToken))
        {
            return RemovalOutcome.Locked;
        }
        if (await db.IsStatePendingAsync(id, clock.GetUtcNow(), cancellationToken))
        {
            return RemovalOutcome.StatePending;
        }
        return await db.Workspaces.AnyAsync(
            row => row.Id == id && db.StateVersions.Any(state => state.Id == row.CurrentStateVersionId && state.ResourceCount > 0), cancellationToken)
            ? RemovalOutcome.ManagesResources
            : null;
    }

    /// <summary>Says once more what it needs: since it was looked at, the workspace may have been locked or its state become another.</summary>
    private static Task<int> DeleteAsync(OrchestratorDbContext db, WorkspaceId id, bool safely, CancellationToken cancellationToken) =>
        db.Workspaces.Where(row => row.Id == id && row.LockedByRunId == null
            && (!safely || (row.LockedById == null
                && !db.StateVersions.Any(state => state.Id == row.CurrentStateVersionId && state.ResourceCount > 0))))
            .ExecuteDeleteAsync(cancellationToken);

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
