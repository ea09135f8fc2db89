using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Where a run is. The full set of the HCP Terraform API; <see cref="RunMoves"/> says what may follow what.</summary>
[StoredAsText]
public enum RunStatus
{
    /// <summary>Created. Waits for its turn in the workspace's queue.</summary>
    Pending,

    /// <summary>The configuration is being fetched from version control.</summary>
    Fetching,

    /// <summary>The configuration has arrived.</summary>
    FetchingCompleted,

    /// <summary>Run tasks before the plan are at work.</summary>
    PrePlanRunning,

    /// <summary>Run tasks before the plan have passed.</summary>
    PrePlanCompleted,

    /// <summary>A run task before the plan failed, and somebody may overrule it.</summary>
    PrePlanAwaitingDecision,

    /// <summary>Is being handed to the queue for its plan.</summary>
    Queuing,

    /// <summary>Its turn has come; waits for a free worker.</summary>
    PlanQueued,

    /// <summary>A worker has claimed it and terraform plans.</summary>
    Planning,

    /// <summary>The plan has changes; waits for a person, or passes through when nothing is to be asked.</summary>
    Planned,

    /// <summary>Run tasks after the plan are at work.</summary>
    PostPlanRunning,

    /// <summary>A run task after the plan failed, and somebody may overrule it.</summary>
    PostPlanAwaitingDecision,

    /// <summary>Run tasks after the plan have passed; waits for a person.</summary>
    PostPlanCompleted,

    /// <summary>The plan's cost is being estimated.</summary>
    CostEstimating,

    /// <summary>The cost is known; waits for a person.</summary>
    CostEstimated,

    /// <summary>Policies are being checked.</summary>
    PolicyChecking,

    /// <summary>A policy failed, and somebody may overrule it.</summary>
    PolicyOverride,

    /// <summary>Final, plan-only: a policy that may be overruled has failed.</summary>
    PolicySoftFailed,

    /// <summary>Policies have passed; waits for a person.</summary>
    PolicyChecked,

    /// <summary>A person, or auto-apply, has said yes.</summary>
    Confirmed,

    /// <summary>Run tasks before the apply are at work.</summary>
    PreApplyRunning,

    /// <summary>Run tasks before the apply have passed.</summary>
    PreApplyCompleted,

    /// <summary>Is being handed to the queue for its apply.</summary>
    QueuingApply,

    /// <summary>Waits for a free worker that applies it.</summary>
    ApplyQueued,

    /// <summary>A worker has claimed it and terraform applies the stored plan.</summary>
    Applying,

    /// <summary>Run tasks after the apply are at work.</summary>
    PostApplyRunning,

    /// <summary>Run tasks after the apply are done.</summary>
    PostApplyCompleted,

    /// <summary>Final: the plan was applied.</summary>
    Applied,

    /// <summary>Final: somebody said no to the plan.</summary>
    Discarded,

    /// <summary>Final: something failed; the log and <see cref="Run.Outcome"/> say what.</summary>
    Errored,

    /// <summary>Final: somebody stopped it.</summary>
    Canceled,

    /// <summary>Final: there was nothing to change, or nothing may be changed.</summary>
    PlannedAndFinished,

    /// <summary>A saved plan: it waits outside the queue until somebody applies it.</summary>
    PlannedAndSaved,
}
