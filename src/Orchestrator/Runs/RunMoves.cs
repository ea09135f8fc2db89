using static Orchestrator.Runs.RunStatus;

namespace Orchestrator.Runs;

/// <summary>The one table of what may follow what. <see cref="RunTransitions"/> enforces it in the database, and nothing
/// else changes a run's status.</summary>
/// <remarks>
/// A row reads: from this status, by ourselves or by a person, to one of those.
/// <list type="bullet">
/// <item>Everything that waits may be cancelled; everything a person is asked about may be discarded.</item>
/// <item><c>planning → plan_queued</c> happens when the worker died: a plan changes nothing, so it is done again.</item>
/// <item><c>applying → apply_queued</c> happens when the worker died before terraform was let go to apply. An apply that may have changed
/// something is never done again: then the run ends <c>errored</c>.</item>
/// </list>
/// </remarks>
public static class RunMoves
{
    private static readonly Dictionary<RunStatus, RunStatus[]> Table = new()
    {
        [Pending] = [Fetching, PrePlanRunning, Queuing, PlanQueued, Discarded, Canceled, Errored],
        [Fetching] = [FetchingCompleted, Canceled, Errored],
        [FetchingCompleted] = [PrePlanRunning, Queuing, PlanQueued, Canceled, Errored],
        [PrePlanRunning] = [PrePlanCompleted, PrePlanAwaitingDecision, Canceled, Errored],
        [PrePlanAwaitingDecision] = [PrePlanCompleted, Discarded, Canceled, Errored],
        [PrePlanCompleted] = [Queuing, PlanQueued, Canceled, Errored],
        [Queuing] = [PlanQueued, Canceled, Errored],
        [PlanQueued] = [Planning, Canceled, Errored],
        [Planning] = [Planned, PlannedAndFinished, PlannedAndSaved, PlanQueued, Canceled, Errored],
        [Planned] =
        [
            PostPlanRunning, CostEstimating, PolicyChecking, Confirmed, PlannedAndFinished, PlannedAndSaved, Discarded, Canceled, Errored,
        ],
        [PostPlanRunning] = [PostPlanCompleted, PostPlanAwaitingDecision, Canceled, Errored],
        [PostPlanAwaitingDecision] = [PostPlanCompleted, Discarded, Canceled, Errored],
        [PostPlanCompleted] =
        [
            CostEstimating, PolicyChecking, Confirmed, PlannedAndFinished, PlannedAndSaved, Discarded, Canceled, Errored,
        ],
        [CostEstimating] = [CostEstimated, Canceled, Errored],
        [CostEstimated] = [PolicyChecking, Confirmed, PlannedAndFinished, PlannedAndSaved, Discarded, Canceled, Errored],
        [PolicyChecking] = [PolicyChecked, PolicyOverride, PolicySoftFailed, Canceled, Errored],
        [PolicyOverride] = [PolicyChecked, Discarded, Canceled, Errored],
        [PolicyChecked] = [Confirmed, PlannedAndFinished, PlannedAndSaved, Discarded, Canceled, Errored],
        [PlannedAndSaved] = [Confirmed, Discarded],
        [Confirmed] = [PreApplyRunning, QueuingApply, ApplyQueued, Canceled, Errored],
        [PreApplyRunning] = [PreApplyCompleted, Canceled, Errored],
        [PreApplyCompleted] = [QueuingApply, ApplyQueued, Canceled, Errored],
        [QueuingApply] = [ApplyQueued, Canceled, Errored],
        [ApplyQueued] = [Applying, Canceled, Errored],
        [Applying] = [PostApplyRunning, Applied, ApplyQueued, Canceled, Errored],
        [PostApplyRunning] = [PostApplyCompleted, Errored],
        [PostApplyCompleted] = [Applied, Errored],
        [Applied] = [],
        [Discarded] = [],
        [Errored] = [],
        [Canceled] = [],
        [PlannedAndFinished] = [],
        [PolicySoftFailed] = [],
    };

    private static readonly Dictionary<RunStatus, RunStatus[]> Sources = Enum.GetValues<RunStatus>()
        .ToDictionary(to => to, to => Table.Where(row => row.Value.Contains(to)).Select(row => row.Key).ToArray());

    /// <summary>A person, or auto-apply, may say yes now.</summary>
    public static readonly RunStatus[] Confirmable = [Planned, PostPlanCompleted, CostEstimated, PolicyChecked, PlannedAndSaved];

    /// <summary>A person may say no now.</summary>
    public static readonly RunStatus[] Discardable = [.. Confirmable, Pending, PolicyOverride, PrePlanAwaitingDecision, PostPlanAwaitingDecision];

    /// <summary>The workers have a job for it, and the first one that is free claims it.</summary>
    public static readonly RunStatus[] HandedOver = [PlanQueued, ApplyQueued];

    /// <summary>A worker holds it: it can only be asked to stop.</summary>
    public static readonly RunStatus[] Claimed = [Planning, Applying];

    /// <summary>Something is going on, or will without anybody's word.</summary>
    public static readonly RunStatus[] Cancelable =
    [
        Pending, Fetching, FetchingCompleted, PrePlanRunning, PrePlanCompleted, Queuing, PlanQueued, Planning, PostPlanRunning,
        CostEstimating, PolicyChecking, Confirmed, PreApplyRunning, PreApplyCompleted, QueuingApply, ApplyQueued, Applying,
    ];

    /// <summary>Nothing follows.</summary>
    public static readonly RunStatus[] Final = [.. Table.Where(row => row.Value.Length == 0).Select(row => row.Key)];

    /// <summary>Something follows, if only somebody's word.</summary>
    public static readonly RunStatus[] UnderWay = [.. Table.Keys.Except(Final)];

    public static IReadOnlyList<RunStatus> From(RunStatus status) => Table[status];

    public static RunStatus[] Into(RunStatus status) => Sources[status];

    public static bool IsFinal(this RunStatus status) => Table[status].Length == 0;
}
