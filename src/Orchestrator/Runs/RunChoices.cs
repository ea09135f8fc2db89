namespace Orchestrator.Runs;

/// <summary>What a person may ask of a run as it is now. <see cref="RunActions"/> decides; this says what is worth asking.</summary>
/// <param name="CanForceCancelAt">When a run that was asked to stop may be killed; null when it was not asked, or was killed.</param>
public sealed record RunChoices(bool CanConfirm, bool CanDiscard, bool CanCancel, bool CanForceCancel, DateTimeOffset? CanForceCancelAt)
{
    public bool IsEmpty => !CanConfirm && !CanDiscard && !CanCancel && CanForceCancelAt is null;

    public static RunChoices Of(Run run, RunLimits limits, DateTimeOffset now)
    {
        var claimed = RunMoves.Claimed.Contains(run.Status);
        DateTimeOffset? killAt = claimed && run.ForceCancelRequestedAt is null ? run.CancelRequestedAt + limits.ForceCancelAfter : null;
        return new RunChoices(
            CanConfirm: RunMoves.Confirmable.Contains(run.Status),
            CanDiscard: RunMoves.Discardable.Contains(run.Status),
            CanCancel: RunMoves.Cancelable.Contains(run.Status) && run.CancelRequestedAt is null,
            CanForceCancel: killAt <= now,
            CanForceCancelAt: killAt);
    }
}
