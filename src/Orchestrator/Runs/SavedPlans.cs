using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Runs;

/// <summary>Discards saved plans that nobody has confirmed and nobody can any more: terraform applies a plan only to the state that
/// it was made for.</summary>
public sealed class SavedPlans(IDbContextFactory<OrchestratorDbContext> databases, IAnnouncements announcements, TimeProvider clock)
{
    internal const string Stale = "The workspace's state has changed since this plan was saved.";

    /// <summary>The state that it was made for is not the workspace's any more.</summary>
    internal static Expression<Func<Run, bool>> IsStale(OrchestratorDbContext db) => run =>
        db.Workspaces.Any(workspace => workspace.Id == run.WorkspaceId && workspace.CurrentStateVersionId != run.InputStateVersionId);

    /// <summary>Those of one workspace, or of all.</summary>
    public async Task DiscardStaleAsync(WorkspaceId? workspace, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stale = await db.Runs
            .Where(run => run.Status == RunStatus.PlannedAndSaved && (workspace == null || run.WorkspaceId == workspace))
            .Where(IsStale(db))
            .Select(run => run.Id)
            .ToListAsync(cancellationToken);
        await DiscardAsync(db, stale, Stale, IsStale(db), cancellationToken);
    }

    /// <summary>All of a workspace: another run was applied there.</summary>
    public async Task DiscardAsync(WorkspaceId workspace, RunId applied, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var saved = await db.Runs
            .Where(run => run.WorkspaceId == workspace && run.Status == RunStatus.PlannedAndSaved)
            .Select(run => run.Id)
            .ToListAsync(cancellationToken);
        await DiscardAsync(db, saved, $"The state changed with {applied}.", _ => true, cancellationToken);
    }

    private async Task DiscardAsync(
        OrchestratorDbContext db, IReadOnlyList<RunId> runs, string why, Expression<Func<Run, bool>> when, CancellationToken cancellationToken)
    {
        foreach (var id in runs)
        {
            var now = clock.GetUtcNow();
            await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
            {
                // Somebody may be confirming it at this moment.
                if (await db.MoveAsync(id, RunStatus.Discarded, now, description: why, only: [RunStatus.PlannedAndSaved], when: when,
                    cancellationToken: cancellationToken) != MoveOutcome.Moved)
                {
                    continue;
                }
                await db.CloseWaitingPhasesAsync(id, now, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
            await announcements.AnnounceAsync(Topic.Run(id), cancellationToken);
        }
    }
}
