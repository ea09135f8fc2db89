using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;

namespace Orchestrator.Runs;

public enum RemovalOutcome
{
    Removed,

    NotFound,

    /// <summary>A run holds the workspace's lock. Nothing was removed.</summary>
    LockedByRun,
}

/// <summary>Removes a workspace with everything that belongs to it: runs, logs, plans, states, configurations, variables.</summary>
public sealed class WorkspaceRemoval(IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs)
{
    public async Task<RemovalOutcome> RemoveAsync(WorkspaceId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var orphans = await BlobsOfAsync(db, id, cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (!await db.Workspaces.AnyAsync(row => row.Id == id, cancellationToken))
            {
                return RemovalOutcome.NotFound;
            }
            // Runs first: they hold their configuration versions.
            await db.Runs
                .Where(run => run.WorkspaceId == id && !RunMoves.Claimed.Contains(run.Status))
                .ExecuteDeleteAsync(cancellationToken);
            if (await db.Runs.AnyAsync(run => run.WorkspaceId == id, cancellationToken)
                || await db.Workspaces.Where(row => row.Id == id && row.LockedByRunId == null).ExecuteDeleteAsync(cancellationToken) == 0)
            {
                return RemovalOutcome.LockedByRun;
            }
            await transaction.CommitAsync(cancellationToken);
        }
        foreach (var orphan in orphans)
        {
            await blobs.DeleteAsync(orphan, CancellationToken.None);
        }
        return RemovalOutcome.Removed;
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
