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

    // Any numbers that nothing else locks.
    private const long TurnsLock = 0x4f726368_5475726e;
    private const long WakeLock = 0x4f726368_57616b65;

    /// <summary>Within the transaction of the claim: one worker chooses at a time, or two would each see room for one more.</summary>
    /// <returns>Null when nothing waits that may be carried out now.</returns>
    public async Task<Run?> NextAsync(OrchestratorDbContext db, RunId handedOver, CancellationToken cancellationToken)
    {
        await LockAsync(db, TurnsLock, cancellationToken);
        var here = atHand.Runs;
        var waiting = Waiting(db).Where(run => !here.Contains(run.Id)).Where(pools.Ids.Count == 0
            ? run => run.AgentPoolId == null
            : run => run.AgentPoolId != null && pools.Ids.Contains(run.AgentPoolId.Value));
        while (await NextLineAsync(db, waiting, handedOver, cancellationToken) is { } line)
        {
            var next = await line.Of(waiting)
                .OrderBy(run => Claimed(db).Any(other => other.WorkspaceId == run.WorkspaceId) ? 1 : 0).ThenBy(run => run.Id == handedOver ? 0 : 1).ThenBy(run => run.HeartbeatAt).ThenBy(run => run.Id)
                .FirstOrDefaultAsync(cancellationToken);
            if (next is not null)
            {
                return next;
            }
            // The last one of the line was cancelled at this moment.
        }
        return null;
    }

    private async Task<Line?> NextLineAsync(OrchestratorDbContext db, IQueryable<Run> waiting, RunId handedOver, CancellationToken cancellationToken) =>
        (await LinesAsync(db, waiting, cancellationToken, handedOver))
            .Where(line => line.IsOpen)
            .OrderBy(line => line.Rank).ThenBy(line => line.UnderWay).ThenBy(line => line.HoldsHandedOver ? 0 : 1).ThenBy(line => line.Since)
            .FirstOrDefault();

    /// <summary>Hands over anew where somebody may be taken and no job says so: a worker has passed them over because of a limit, or it has died
    /// with the job in its hands, or whoever was to make the job has. A job too many does no harm: it finds nothing to claim.</summary>
    /// <param name="patience">How long there may be a job that nobody sees. Default: <see cref="PatienceWithAJob"/>.</param>
    public async Task WakeAsync(OrchestratorDbContext db, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        var waiting = Waiting(db);
        var lines = await LinesAsync(db, waiting, cancellationToken);
        var late = clock.GetUtcNow() - (patience ?? PatienceWithAJob);
        var forgotten = lines.Where(line => line.IsOpen && (line.Room is not null || line.Since <= late)).ToArray();
        if (forgotten.Length == 0)
        {
            return;
        }
        // Two who look at once would both find the queues empty.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, WakeLock, cancellationToken);
        var empty = forgotten.Select(line => line.Queue).Distinct().Where(jobs.AreNoneIn).ToArray();
        foreach (var line in forgotten.Where(line => empty.Contains(line.Queue)))
        {
            foreach (var run in await line.Of(waiting).OrderBy(run => run.HeartbeatAt).ThenBy(run => run.Id).Take(line.Room ?? int.MaxValue).ToListAsync(cancellationToken))
            {
                jobs.Enqueue(run, run.Status);
            }
        }
    }

    /// <summary>How many wait because of a limit, and not for a worker.</summary>
    public async Task<ILookup<(string Kind, AgentPoolId? Pool), int>> HeldBackAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var lines = await LinesAsync(db, Waiting(db), cancellationToken);
        var left = lines.SelectMany(line => line.Rooms).DistinctBy(room => room.Whose).ToDictionary(room => room.Whose, room => Math.Max(0, room.Size));
        return lines.OrderBy(line => line.Rank).ThenBy(line => line.UnderWay).ThenBy(line => line.Since)
            .ToLookup(line => (RunJobs.KindOf(line.Status, line.PlanOnly), line.Pool), Held);

        int Held(Line line)
        {
            var next = line.Rooms.Select(room => left[room.Whose]).Append(line.Count).Min();
            foreach (var room in line.Rooms)
            {
                left[room.Whose] -= next;
            }
            return line.Count - next;
        }
    }

    /// <summary>Until the transaction's end. SQLite has one writer anyway.</summary>
    private static async Task LockAsync(OrchestratorDbContext db, long what, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({what})", cancellationToken);
        }
    }

    private static IQueryable<Run> Waiting(OrchestratorDbContext db) => db.Runs.AsNoTracking().Where(run => RunMoves.HandedOver.Contains(run.Status));

    private static IQueryable<Run> Claimed(OrchestratorDbContext db) => db.Runs.AsNoTracking().Where(run => RunMoves.Claimed.Contains(run.Status));

    private async Task<IReadOnlyList<Line>> LinesAsync(
        OrchestratorDbContext db, IQueryable<Run> waiting, CancellationToken cancellationToken, RunId handedOver = default)
    {
        var groups = await (
            from run in waiting.Concat(Claimed(db))
            join organization in db.Organizations on run.OrganizationId equals organization.Id
            join pool in db.AgentPools on run.AgentPoolId equals pool.Id into served
            from pool in served.DefaultIfEmpty()
            group run by new
            {
                run.OrganizationId, run.AgentPoolId, run.Status, run.Options.PlanOnly,
                OfOrganization = organization.MaxConcurrentRuns, OfPool = pool == null ? null : pool.MaxConcurrentRuns,
            }
            into line
            select new { line.Key, Count = line.Count(), Since = line.Min(run => run.HeartbeatAt), HandedOver = line.Count(run => run.Id == handedOver) }).ToListAsync(cancellationToken);
        var underWay = groups.Where(group => RunMoves.Claimed.Contains(group.Key.Status)).ToArray();
        var inAll = underWay.Sum(group => group.Count);
        return [.. groups.Except(underWay).Select(line =>
        {
            var ofOrganization = underWay.Where(group => group.Key.OrganizationId == line.Key.OrganizationId).Sum(group => group.Count);
            var ofPool = underWay.Where(group => group.Key.AgentPoolId != null && group.Key.AgentPoolId == line.Key.AgentPoolId).Sum(group => group.Count);
            (string Whose, int? Size)[] rooms =
            [
                ("", limits.Value.MaxConcurrent - inAll),
                (line.Key.OrganizationId.Value, line.Key.OfOrganization - ofOrganization),
                (line.Key.AgentPoolId?.Value ?? "no pool", line.Key.OfPool - ofPool),
            ];
            return new Line(
                line.Key.OrganizationId, line.Key.AgentPoolId, line.Key.Status, line.Key.PlanOnly, ofOrganization, line.Count, line.Since, line.HandedOver > 0,
                [.. rooms.Where(room => room.Size is not null).Select(room => (room.Whose, room.Size!.Value))]);
        })];
    }

    /// <summary>Runs of one kind, organisation and pool that wait for a worker.</summary>
    /// <param name="Rooms">For each limit that there is, how many more it lets be carried out.</param>
    private sealed record Line(
        OrganizationId Organization, AgentPoolId? Pool, RunStatus Status, bool PlanOnly, int UnderWay, int Count, DateTimeOffset? Since,
        bool HoldsHandedOver, IReadOnlyList<(string Whose, int Size)> Rooms)
    {
        /// <summary>How many more may be carried out; null where there is no limit.</summary>
        public int? Room => Rooms.Count == 0 ? null : Rooms.Min(room => room.Size);

        public bool IsOpen => Room is not <= 0;

        public string Queue => RunJobs.QueueOf(Status, PlanOnly, Pool);

        public int Rank => Array.IndexOf(RunJobs.Queues, RunJobs.KindOf(Status, PlanOnly));

        public IQueryable<Run> Of(IQueryable<Run> waiting) => waiting.Where(run =>
            run.OrganizationId == Organization && run.AgentPoolId == Pool && run.Status == Status && run.Options.PlanOnly == PlanOnly);
    }
}
