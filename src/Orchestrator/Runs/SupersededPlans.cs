using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;

namespace Orchestrator.Runs;

/// <summary>Ends plans of a pull request that nobody needs any more.</summary>
public sealed class SupersededPlans(IDbContextFactory<OrchestratorDbContext> databases, RunActions actions)
{
    /// <param name="except">The run that takes their place.</param>
    public async Task CancelAsync(LinkedWorkspace workspace, VcsChange change, RunId? except, string why, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (id, repository, number) = (workspace.Workspace.Id, workspace.Repository.Identifier, change.PullRequest!.Number);
        var older = await (
            from run in db.Runs
            join report in db.VcsReports on run.Id equals report.RunId
            where run.WorkspaceId == id && run.Options.PlanOnly && RunMoves.Cancelable.Contains(run.Status)
                && report.PullRequest == number && report.Repository == repository && (except == null || run.Id != except)
            select run.Id).ToListAsync(cancellationToken);
        foreach (var run in older)
        {
            // One that has ended meanwhile is as good.
            await actions.CancelAsync(run, Actor.Platform, why, cancellationToken);
        }
    }
}
