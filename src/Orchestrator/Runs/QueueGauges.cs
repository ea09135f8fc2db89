using System.Data.Common;
using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.Vcs;

namespace Orchestrator.Runs;

/// <summary>What waits in the whole installation. Every process tells the same, so who adds up several takes the greatest.</summary>
/// <remarks>Read from indices, over rows that are not over, and at most once in five seconds however many ask.</remarks>
public sealed class QueueGauges : IDisposable
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly IDbContextFactory<OrchestratorDbContext> _databases;
    private readonly RunTurns _turns;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private Snapshot? _last;

    public QueueGauges(Instruments instruments, IDbContextFactory<OrchestratorDbContext> databases, RunTurns turns, TimeProvider clock)
    {
        (_databases, _turns, _clock) = (databases, turns, clock);
        var meter = instruments.Meter;
        meter.CreateObservableGauge("orchestrator.queue.runs", () => Now(last => last.Queues.Select(queue => Of(queue, queue.Count))),
            unit: null, "Runs whose turn has come and that are not carried out yet, by queue and agent pool ('' for none).");
        meter.CreateObservableGauge("orchestrator.queue.held", () => Now(last => last.Queues.Select(queue => Of(queue, queue.Held))),
            unit: null, "Those among them that a limit holds back: no worker that is free takes them.");
        meter.CreateObservableGauge("orchestrator.queue.oldest", () => Now(last => last.Queues.Select(queue => Of(queue, Age(queue.Oldest)))),
            unit: "s", "How long the run has waited that has waited longest, by queue and agent pool; 0 when none waits.");
        meter.CreateObservableGauge("orchestrator.runs", () => Now(last => last.Runs.Select(row =>
            new Measurement<double>(row.Value, KeyValuePair.Create<string, object?>("status", EnumText.Of(row.Key))))),
            unit: null, "Runs that are not over, by status.");
        meter.CreateObservableGauge("orchestrator.vcs.deliveries.waiting", () => Now(last => [new(last.Deliveries)]),
            unit: null, "Deliveries of version control that are not handled yet.");
        meter.CreateObservableGauge("orchestrator.vcs.deliveries.oldest", () => Now(last => [new(Age(last.OldestDelivery))]),
            unit: "s", "How long the delivery has waited that has waited longest; 0 when none waits.");
        meter.CreateObservableGauge("orchestrator.notifications.waiting", () => Now(last => [new(last.Notifications)]),
            unit: null, "Notifications that are not delivered yet.");
    }

    /// <summary>Reads anew what is too old. A database that does not answer leaves nothing to tell.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (IsFresh())
        {
            return;
        }
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (!IsFresh())
            {
                _last = await ReadAsync(cancellationToken);
            }
        }
        catch (Exception away) when (away is DbException or InvalidOperationException or TimeoutException)
        {
            // It is counted among the database's errors; what is old would be taken for news.
            _last = null;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private bool IsFresh() => _last is { } last && _clock.GetUtcNow() - last.At < Freshness;

    /// <summary>Whoever collects without asking first gets what was read last, and sees to it that the next time it is newer.</summary>
    private IEnumerable<Measurement<double>> Now(Func<Snapshot, IEnumerable<Measurement<double>>> tell)
    {
        if (!IsFresh())
        {
            _ = RefreshAsync(CancellationToken.None);
        }
        return _last is { } last ? tell(last) : [];
    }

    private double Age(DateTimeOffset? since) => since is { } begin ? Math.Max(0, (_clock.GetUtcNow() - begin).TotalSeconds) : 0;

    private static Measurement<double> Of(Queue queue, double value) => new(
        value, KeyValuePair.Create<string, object?>("queue", queue.Name), KeyValuePair.Create<string, object?>("pool", queue.Pool));

    private async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        var waiting = await (
            from run in db.Runs
            where RunMoves.HandedOver.Contains(run.Status)
            join plan in db.Plans on run.Id equals plan.RunId
            join apply in db.Applies on run.Id equals apply.RunId
            group run.Status == RunStatus.PlanQueued ? plan.QueuedAt : apply.QueuedAt by new { run.Status, run.Options.PlanOnly, run.AgentPoolId } into queue
            select new { queue.Key.Status, queue.Key.PlanOnly, queue.Key.AgentPoolId, Count = queue.Count(), Oldest = queue.Min() }).ToListAsync(cancellationToken);
        var held = await _turns.HeldBackAsync(db, cancellationToken);
        var pools = await (
            from pool in db.AgentPools
            join organization in db.Organizations on pool.OrganizationId equals organization.Id
            select new { pool.Id, Name = organization.Name + "/" + pool.Name }).ToListAsync(cancellationToken);
        var queues = from pool in pools.Select(pool => ((AgentPoolId?)pool.Id, pool.Name)).Prepend((null, ""))
                     from queue in RunJobs.Queues
                     let here = waiting.Where(row => row.AgentPoolId == pool.Item1 && RunJobs.KindOf(row.Status, row.PlanOnly) == queue).ToArray()
                     select new Queue(queue, pool.Item2, here.Sum(row => row.Count), held[(queue, pool.Item1)].Sum(), here.Min(row => row.Oldest));
        var counts = await db.Runs.Where(run => RunMoves.UnderWay.Contains(run.Status))
            .GroupBy(run => run.Status).Select(runs => new { runs.Key, Count = runs.Count() }).ToDictionaryAsync(row => row.Key, row => row.Count, cancellationToken);
        var deliveries = await db.VcsDeliveries.Where(row => row.Status == VcsDeliveryStatus.Received)
            .GroupBy(row => 1).Select(rows => new { Count = rows.Count(), Oldest = rows.Min(row => (DateTimeOffset?)row.ReceivedAt) }).FirstOrDefaultAsync(cancellationToken);
        var notifications = await db.NotificationDeliveries.CountAsync(row => row.Status == NotificationDeliveryStatus.Pending, cancellationToken);
        return new Snapshot(
            _clock.GetUtcNow(), [.. queues], RunMoves.UnderWay.ToDictionary(status => status, status => counts.GetValueOrDefault(status)),
            deliveries?.Count ?? 0, deliveries?.Oldest, notifications);
    }

    private sealed record Queue(string Name, string Pool, int Count, int Held, DateTimeOffset? Oldest);

    private sealed record Snapshot(
        DateTimeOffset At, IReadOnlyList<Queue> Queues, IReadOnlyDictionary<RunStatus, int> Runs, int Deliveries, DateTimeOffset? OldestDelivery, int Notifications);
}
