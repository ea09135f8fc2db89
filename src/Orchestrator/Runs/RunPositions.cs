using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Who waits for whom. In a workspace, runs wait for the one that holds the lock; those that are through wait, together with
/// everybody else's, for a free worker.</summary>
public static class RunPositions
{
    /// <summary>What an organisation's workers do and will do next: first what they carry out, then what waits for them, in the order in
    /// which they take it.</summary>
    public static IQueryable<Run> Queue(this OrchestratorDbContext db, OrganizationId organization) => InOrder(db.Runs.AsNoTracking()
        .Where(run => run.OrganizationId == organization
            && (RunMoves.Claimed.Contains(run.Status) || RunMoves.HandedOver.Contains(run.Status))));

    /// <summary>How many runs go before each of these; none before one that waits for nobody.</summary>
    public static async Task<IReadOnlyDictionary<RunId, int>> PositionsAsync(
        this OrchestratorDbContext db, IReadOnlyCollection<Run> runs, CancellationToken cancellationToken)
    {
        var positions = new Dictionary<RunId, int>();
        var workspaces = runs.Where(run => run.Status == RunStatus.Pending).Select(run => run.WorkspaceId).Distinct().ToArray();
        if (workspaces.Length > 0)
        {
            await AddAsync(db, workspaces, positions, cancellationToken);
        }
        foreach (var organization in runs.Where(run => RunMoves.HandedOver.Contains(run.Status)).Select(run => run.OrganizationId).Distinct())
        {
            var line = await db.Queue(organization).Select(run => run.Id).ToListAsync(cancellationToken);
            foreach (var (ahead, id) in line.Index())
            {
                positions[id] = ahead;
            }
        }
        return runs.ToDictionary(run => run.Id, run => RunMoves.Claimed.Contains(run.Status) ? 0 : positions.GetValueOrDefault(run.Id));
    }

    private static async Task AddAsync(
        OrchestratorDbContext db, WorkspaceId[] workspaces, Dictionary<RunId, int> positions, CancellationToken cancellationToken)
    {
        var holders = await db.Workspaces
            .Where(workspace => workspaces.Contains(workspace.Id) && workspace.LockedByRunId != null)
            .Select(workspace => workspace.Id)
            .ToListAsync(cancellationToken);
        var waiting = await db.Runs
            .Where(run => workspaces.Contains(run.WorkspaceId)
                && ((run.Status == RunStatus.Pending && !run.Options.PlanOnly && !run.Options.SavePlan)
                    || (run.Status == RunStatus.Confirmed && run.Options.SavePlan)))
            .OrderBy(run => run.CreatedAt).ThenBy(run => run.Id)
            .Select(run => new { run.Id, run.WorkspaceId })
            .ToListAsync(cancellationToken);
        foreach (var line in waiting.GroupBy(run => run.WorkspaceId))
        {
            var ahead = holders.Contains(line.Key) ? 1 : 0;
            foreach (var run in line)
            {
                positions[run.Id] = ahead++;
            }
        }
    }

    private static IOrderedQueryable<Run> InOrder(IQueryable<Run> runs) => runs
        .OrderBy(run => RunMoves.Claimed.Contains(run.Status) ? 0
            : run.Status == RunStatus.ApplyQueued ? 1
            : run.Options.PlanOnly ? 3 : 2)
        .ThenBy(run => run.HeartbeatAt)
        .ThenBy(run => run.Id);
}
