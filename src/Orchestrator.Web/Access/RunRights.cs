using Orchestrator.Access;
using Orchestrator.Runs;

namespace Orchestrator.Web.Access;

/// <summary>Where the right that is needed depends on how far the run has come.</summary>
internal static class RunRights
{
    /// <summary>Whoever may plan stops a plan; an apply is stopped by those who may apply.</summary>
    public static bool MayCancel(this Admission admission, RunStatus status) => admission.May(
        status is RunStatus.Confirmed or RunStatus.ApplyQueued or RunStatus.Applying ? WorkspaceRight.QueueApply : WorkspaceRight.QueuePlan);

    /// <summary>Those of a run's choices that are this person's.</summary>
    public static RunChoices Of(this RunChoices choices, RunStatus status, Admission admission) => choices with
    {
        CanConfirm = choices.CanConfirm && admission.May(WorkspaceRight.QueueApply),
        CanDiscard = choices.CanDiscard && admission.May(WorkspaceRight.QueueApply),
        CanCancel = choices.CanCancel && admission.MayCancel(status),
        CanForceCancel = choices.CanForceCancel && admission.May(WorkspaceRight.ForceCancel),
        CanForceCancelAt = admission.May(WorkspaceRight.ForceCancel) ? choices.CanForceCancelAt : null,
    };
}
