using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

internal static class RunFigures
{
    /// <summary>So many of the last runs count.</summary>
    public const int Runs = 30;

    /// <summary>Writes down how a workspace's last runs went. Done when one ends, so that reading a workspace costs no look at its runs.</summary>
    public static async Task RecordFiguresAsync(
        this OrchestratorDbContext db, WorkspaceId id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = await (
            from run in db.Runs.AsNoTracking()
            where run.WorkspaceId == id && RunMoves.Final.Contains(run.Status)
            orderby run.CreatedAt descending
            join plan in db.Plans on run.Id equals plan.RunId
            join apply in db.Applies on run.Id equals apply.RunId
            select new
            {
                run.Status,
                Plan = new Took(plan.Status, plan.StartedAt, plan.FinishedAt),
                Apply = new Took(apply.Status, apply.StartedAt, apply.FinishedAt),
            }).Take(Runs).ToListAsync(cancellationToken);
        var plans = Average(last.Select(run => run.Plan));
        var applies = Average(last.Select(run => run.Apply));
        var failures = last.Count(run => run.Status == RunStatus.Errored);
        await db.Workspaces.Where(workspace => workspace.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(workspace => workspace.UpdatedAt, now)
            .SetProperty(workspace => workspace.Figures.Runs, last.Count)
            .SetProperty(workspace => workspace.Figures.PlanMilliseconds, plans)
            .SetProperty(workspace => workspace.Figures.ApplyMilliseconds, applies)
            .SetProperty(workspace => workspace.Figures.Failures, failures), cancellationToken);
    }

    /// <summary>Of those that came to their end.</summary>
    private static int? Average(IEnumerable<Took> phases) => phases
        .Where(phase => phase is { Status: PhaseStatus.Finished, StartedAt: not null, FinishedAt: not null })
        .Select(phase => (double?)(phase.FinishedAt!.Value - phase.StartedAt!.Value).TotalMilliseconds)
        .Average() is { } average ? (int)average : null;

    private sealed record Took(PhaseStatus Status, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);
}
