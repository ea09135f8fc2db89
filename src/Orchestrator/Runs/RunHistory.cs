using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Reads what happened to runs, in the order in which it did.</summary>
public static class RunHistory
{
    /// <summary>When a run reached a status, under the name that the API has for it; the others have none there.</summary>
    private static readonly Dictionary<string, string> Timestamps = new[]
    {
        RunStatus.PlanQueued, RunStatus.Queuing, RunStatus.Fetching, RunStatus.PrePlanRunning, RunStatus.PrePlanCompleted, RunStatus.Planning,
        RunStatus.Planned, RunStatus.CostEstimating, RunStatus.CostEstimated, RunStatus.PolicyChecked, RunStatus.PolicySoftFailed,
        RunStatus.PostPlanRunning, RunStatus.PostPlanCompleted, RunStatus.Confirmed, RunStatus.PlannedAndFinished,
        RunStatus.PlannedAndSaved, RunStatus.PreApplyRunning, RunStatus.PreApplyCompleted, RunStatus.ApplyQueued, RunStatus.Applying,
        RunStatus.Applied, RunStatus.PostApplyRunning, RunStatus.PostApplyCompleted, RunStatus.Discarded, RunStatus.Errored,
        RunStatus.Canceled,
    }.Select(EnumText.Of).ToDictionary(status => status, status => status.Replace('_', '-') + "-at");

    static RunHistory()
    {
        Timestamps[EnumText.Of(RunStatus.Pending)] = "plan-queueable-at";
        Timestamps[EnumText.Of(RunStatus.FetchingCompleted)] = "fetched-at";
    }

    /// <summary>Oldest first. What happened in one moment is in the order of a run's life.</summary>
    public static async Task<IReadOnlyList<RunEvent>> HistoryAsync(
        this OrchestratorDbContext db, RunId run, CancellationToken cancellationToken) =>
        [.. Ordered(
            await db.RunEvents.AsNoTracking().Where(happening => happening.RunId == run).ToListAsync(cancellationToken),
            happening => (happening.CreatedAt, happening.Action))];

    /// <summary>The same of several runs, by their ids.</summary>
    public static async Task<ILookup<RunId, RunEventId>> HistoriesAsync(
        this OrchestratorDbContext db, IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken)
    {
        var events = await db.RunEvents
            .Where(happening => runs.Contains(happening.RunId))
            .Select(happening => new { happening.RunId, happening.Id, happening.Action, happening.CreatedAt })
            .ToListAsync(cancellationToken);
        return Ordered(events, happening => (happening.CreatedAt, happening.Action))
            .ToLookup(happening => happening.RunId, happening => happening.Id);
    }

    /// <summary>When each of these runs reached its statuses, last.</summary>
    public static async Task<ILookup<RunId, KeyValuePair<string, DateTimeOffset>>> TimestampsAsync(
        this OrchestratorDbContext db, IReadOnlyCollection<Run> runs, CancellationToken cancellationToken)
    {
        var ids = runs.Select(run => run.Id).ToArray();
        var killed = runs.Where(run => run is { Status: RunStatus.Canceled, ForceCancelRequestedAt: not null }).Select(run => run.Id).ToHashSet();
        var events = await db.RunEvents
            .Where(happening => ids.Contains(happening.RunId))
            .Select(happening => new { happening.RunId, happening.Action, happening.CreatedAt })
            .ToListAsync(cancellationToken);
        var times = events
            .Where(happening => Timestamps.ContainsKey(happening.Action))
            .GroupBy(happening => (happening.RunId, happening.Action))
            .Select(reached => (reached.Key.RunId, reached.Key.Action, At: reached.Max(happening => happening.CreatedAt)));
        return Ordered(times, reached => (reached.At, reached.Action))
            .SelectMany(reached => reached.Action == EnumText.Of(RunStatus.Canceled) && killed.Contains(reached.RunId)
                ? [(reached.RunId, Name: Timestamps[reached.Action], reached.At), (reached.RunId, Name: "force-canceled-at", reached.At)]
                : new[] { (reached.RunId, Name: Timestamps[reached.Action], reached.At) })
            .ToLookup(reached => reached.RunId, reached => KeyValuePair.Create(reached.Name, reached.At));
    }

    private static IOrderedEnumerable<T> Ordered<T>(IEnumerable<T> events, Func<T, (DateTimeOffset At, string Action)> of) =>
        events.OrderBy(happening => of(happening).At).ThenBy(happening => Rank(of(happening).Action));

    private static int Rank(string action) => EnumText.TryParse<RunStatus>(action, out var status) ? (int)status : int.MaxValue;
}
