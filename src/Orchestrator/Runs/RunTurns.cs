using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.AgentPools;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Whose turn it is when a worker is free: applies before plans, plans before those that nobody can apply; among them the
/// organisation of which the fewest are carried out, in it a workspace that has none, and then who has waited longest. Whoever has as
/// many as it may have is passed over.</summary>
/// <remarks>A worker is free for whatever it serves: the job that reached it says that something waits, and whose turn it would be if nobody
/// else's were due.</remarks>
public sealed class RunTurns(ServedPools pools, RunsAtHand atHand, IOptions<RunLimits> limits, RunJobs jobs, TimeProvider clock)
{
    /// <summary>A job that a worker has just taken is in no queue, and its run not yet claimed.</summary>
    public static readonly TimeSpan PatienceWithAJob = TimeSpan.FromSeconds(10);

    // Any number that nothing else locks.
    private const long PostgresLock = 0x4f726368_5475726e;

    /// <summary>Within the transaction of the claim: one worker chooses at a time, or two would each see room for one more.</summary>
    /// <returns>Null when nothing waits that may be carried out now.</returns>
    public async Task<Run?> NextAsync(OrchestratorDbContext db, RunId handedOver, CancellationToken cancellationToken)
    {
        // SQLite has one writer anyway.
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({PostgresLock})", cancellationToken);
        }
        var here = atHand.Runs;
        var waiting = Waiting(db).Where(run => !here.Contains(run.Id)).Where(pools.Ids.Count == 0
            ? run => run.AgentPoolId == null
            : run => run.AgentPoolId != null && pools.Ids.Contains(run.AgentPoolId.Value));
        var (lines, busy) = await LinesAsync(db, waiting, cancellationToken);
        var own = await waiting.FirstOrDefaultAsync(run => run.Id == handedOver, cancellationToken);
        var line = lines
            .OrderBy(line => line.Rank).ThenBy(line => line.UnderWay).ThenBy(line => own is not null && line.Holds(own) ? 0 : 1).ThenBy(line => line.Since)
            .FirstOrDefault();
        return line is null ? null : await line.Of(waiting)
            .OrderBy(run => busy.Contains(run.WorkspaceId) ? 1 : 0).ThenBy(run => run.Id == handedOver ? 0 : 1).ThenBy(run => run.HeartbeatAt).ThenBy(run => run.Id)
            .FirstAsync(cancellationToken);
    }

    /// <summary>Hands over anew where somebody may be taken and no job says so: a worker has passed them over because of a limit, or it has died
    /// with the job in its hands.</summary>
    public async Task WakeAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var waiting = Waiting(db);
        var (lines, _) = await LinesAsync(db, waiting, cancellationToken);
        var late = clock.GetUtcNow() - PatienceWithAJob;
        var forgotten = lines.Where(line => line.IsLimited || line.Since < late).ToArray();
        var empty = forgotten.Select(line => line.Queue).Distinct().Where(jobs.AreNoneIn).ToArray();
        foreach (var line in forgotten.Where(line => empty.Contains(line.Queue)))
        {
            if (await line.Of(waiting).OrderBy(run => run.HeartbeatAt).ThenBy(run => run.Id).FirstOrDefaultAsync(cancellationToken) is { } first)
            {
                jobs.Enqueue(first, first.Status);
            }
        }
    }

    private static IQueryable<Run> Waiting(OrchestratorDbContext db) => db.Runs.AsNoTracking().Where(run => RunMoves.HandedOver.Contains(run.Status));

    /// <returns>The lines from which somebody may be taken now, and the workspaces that have a phase under way.</returns>
    private async Task<(IReadOnlyList<Line> Open, IReadOnlyList<WorkspaceId> Busy)> LinesAsync(
        OrchestratorDbContext db, IQueryable<Run> waiting, CancellationToken cancellationToken)
    {
        var lines = await (
            from run in waiting
            join organization in db.Organizations on run.OrganizationId equals organization.Id
            join pool in db.AgentPools on run.AgentPoolId equals pool.Id into served
            from pool in served.DefaultIfEmpty()
            group run by new
            {
                run.OrganizationId, run.AgentPoolId, run.Status, run.Options.PlanOnly,
                OfOrganization = organization.MaxConcurrentRuns, OfPool = pool == null ? null : pool.MaxConcurrentRuns,
            }
            into line
            select new { line.Key, Since = line.Min(run => run.HeartbeatAt) }).ToListAsync(cancellationToken);
        if (lines.Count == 0)
        {
            return ([], []);
        }
        var underWay = await db.Runs.Where(run => RunMoves.Claimed.Contains(run.Status))
            .Select(run => new { run.OrganizationId, run.WorkspaceId, run.AgentPoolId }).ToListAsync(cancellationToken);
        var max = limits.Value.MaxConcurrent;
        if (underWay.Count >= max)
        {
            return ([], []);
        }
        var open = lines
            .Select(line => new
            {
                line.Key,
                line.Since,
                OfOrganization = underWay.Count(run => run.OrganizationId == line.Key.OrganizationId),
                OfPool = underWay.Count(run => run.AgentPoolId != null && run.AgentPoolId == line.Key.AgentPoolId),
            })
            .Where(line => !(line.OfOrganization >= line.Key.OfOrganization) && !(line.OfPool >= line.Key.OfPool))
            .Select(line => new Line(line.Key.OrganizationId, line.Key.AgentPoolId, line.Key.Status, line.Key.PlanOnly, line.OfOrganization, line.Since,
                max is not null || line.Key.OfOrganization is not null || line.Key.OfPool is not null));
        return ([.. open], [.. underWay.Select(run => run.WorkspaceId).Distinct()]);
    }

    /// <summary>Runs of one kind, organisation and pool that wait for a worker.</summary>
    private sealed record Line(
        OrganizationId Organization, AgentPoolId? Pool, RunStatus Status, bool PlanOnly, int UnderWay, DateTimeOffset? Since, bool IsLimited)
    {
        public string Queue => RunJobs.QueueOf(Status, PlanOnly, Pool);

        public int Rank => Array.IndexOf(RunJobs.Queues, RunJobs.KindOf(Status, PlanOnly));

        public bool Holds(Run run) =>
            (run.OrganizationId, run.AgentPoolId, run.Status, run.Options.PlanOnly) == (Organization, Pool, Status, PlanOnly);

        public IQueryable<Run> Of(IQueryable<Run> waiting) => waiting.Where(run =>
            run.OrganizationId == Organization && run.AgentPoolId == Pool && run.Status == Status && run.Options.PlanOnly == PlanOnly);
    }
}
