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

    /// <summary>Runs that wait for a workspace's lock, of these workspaces: a saved plan that somebody has confirmed waits in the same line as everybody
    /// else.</summary>
    /// <remarks>Each status by itself, so that both databases find the few that wait in the index by status. Asked for either at once and for the
    /// oldest first, they would look through all that the workspace has ever run.</remarks>
    internal static IQueryable<Run> Line(this OrchestratorDbContext db, params WorkspaceId[] workspaces)
    {
        var runs = db.Runs.AsNoTracking().Where(run => workspaces.Contains(run.WorkspaceId));
        return runs.Where(run => run.Status == RunStatus.Pending && !run.Options.PlanOnly && !run.Options.SavePlan)
            .Concat(runs.Where(run => run.Status == RunStatus.Confirmed && run.Options.SavePlan));
    }

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
        var waiting = await db.Line(workspaces)
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
