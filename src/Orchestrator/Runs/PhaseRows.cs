using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Keeps a run's plan and apply rows in step with the run.</summary>
internal static class PhaseRows
{
    public static Task QueuePhaseAsync(
        this OrchestratorDbContext db, RunId run, RunPhase phase, DateTimeOffset now, CancellationToken cancellationToken) =>
        phase == RunPhase.Plan
            ? db.Plans.Where(plan => plan.RunId == run).ExecuteUpdateAsync(set => set
                .SetProperty(plan => plan.Status, PhaseStatus.Queued)
                .SetProperty(plan => plan.QueuedAt, now), cancellationToken)
            : db.Applies.Where(apply => apply.RunId == run).ExecuteUpdateAsync(set => set
                .SetProperty(apply => apply.Status, PhaseStatus.Queued)
                .SetProperty(apply => apply.QueuedAt, now), cancellationToken);

    public static Task StartPhaseAsync(
        this OrchestratorDbContext db, RunId run, RunPhase phase, DateTimeOffset now, CancellationToken cancellationToken) =>
        phase == RunPhase.Plan
            ? db.Plans.Where(plan => plan.RunId == run).ExecuteUpdateAsync(set => set
                .SetProperty(plan => plan.Status, PhaseStatus.Running)
                .SetProperty(plan => plan.StartedAt, now), cancellationToken)
            : db.Applies.Where(apply => apply.RunId == run).ExecuteUpdateAsync(set => set
                .SetProperty(apply => apply.Status, PhaseStatus.Running)
                .SetProperty(apply => apply.StartedAt, now), cancellationToken);

    /// <summary>Phases whose turn will not come: clients that wait for their logs must be told.</summary>
    public static async Task CloseWaitingPhasesAsync(
        this OrchestratorDbContext db, RunId run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        PhaseStatus[] waiting = [PhaseStatus.Pending, PhaseStatus.Queued];
        await db.Plans.Where(plan => plan.RunId == run && waiting.Contains(plan.Status)).ExecuteUpdateAsync(set => set
            .SetProperty(plan => plan.Status, PhaseStatus.Unreachable)
            .SetProperty(plan => plan.LogLength, 0L)
            .SetProperty(plan => plan.FinishedAt, now), cancellationToken);
        await db.Applies.Where(apply => apply.RunId == run && waiting.Contains(apply.Status)).ExecuteUpdateAsync(set => set
            .SetProperty(apply => apply.Status, PhaseStatus.Unreachable)
            .SetProperty(apply => apply.LogLength, 0L)
            .SetProperty(apply => apply.FinishedAt, now), cancellationToken);
    }

    public static async Task<PhaseRecord> PhaseAsync(
        this OrchestratorDbContext db, RunId run, RunPhase phase, CancellationToken cancellationToken) =>
        phase == RunPhase.Plan
            ? await db.Plans.FirstAsync(plan => plan.RunId == run, cancellationToken)
            : await db.Applies.FirstAsync(apply => apply.RunId == run, cancellationToken);
}
