using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;

namespace Orchestrator.Runs;

/// <summary>Ends plans of a pull request that nobody needs any more.</summary>
public sealed class SupersededPlans(IDbContextFactory<OrchestratorDbContext> databases, RunActions actions)
{
    private static readonly RunStatus[] Unconfirmed = [RunStatus.Pending, RunStatus.PlanQueued, RunStatus.Planning];

    /// <param name="except">The run that takes their place.</param>
    public async Task CancelAsync(LinkedWorkspace workspace, VcsChange change, RunId? except, string why, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (id, repository, number) = (workspace.Workspace.Id, workspace.Repository.Identifier, change.PullRequest!.Number);
        var older = await (
            from run in db.Runs
            join report in db.VcsReports on run.Id equals report.RunId
            where run.WorkspaceId == id && (run.Options.PlanOnly || run.Options.SavePlan)
                && report.PullRequest == number && report.Repository == repository && (except == null || run.Id != except)
            select new { run.Id, run.Status, run.Options.PlanOnly }).ToListAsync(cancellationToken);
        // One that has ended meanwhile is as good. What somebody has confirmed goes on.
        foreach (var run in older.Where(run => (run.PlanOnly ? RunMoves.Cancelable : Unconfirmed).Contains(run.Status)))
        {
            await actions.CancelAsync(run.Id, Actor.Platform, why, cancellationToken);
        }
        foreach (var run in older.Where(run => run.Status == RunStatus.PlannedAndSaved))
        {
            await actions.DiscardAsync(run.Id, Actor.Platform, why, cancellationToken);
        }
    }
}
