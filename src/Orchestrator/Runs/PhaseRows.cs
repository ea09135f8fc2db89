using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Keeps a run's plan and apply rows in step with the run.</summary>
internal static class PhaseRows
{
    public static Task QueuePhaseAsync(
        this OrchestratorDbContext db, RunId run, RunPhase phase, DateTimeOffset now, CancellationToken cancellationToken) =>
        Of(db, run, phase).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Status, PhaseStatus.Queued)
            .SetProperty(row => row.QueuedAt, now), cancellationToken);

    public static Task StartPhaseAsync(
        this OrchestratorDbContext db, RunId run, RunPhase phase, string worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        Of(db, run, phase).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Status, PhaseStatus.Running)
            .SetProperty(row => row.Worker, worker)
            .SetProperty(row => row.StartedAt, now), cancellationToken);

    /// <summary>Phases whose turn will not come: clients that wait for their logs must be told.</summary>
    public static async Task CloseWaitingPhasesAsync(
        this OrchestratorDbContext db, RunId run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var phase in Enum.GetValues<RunPhase>())
        {
            await Of(db, run, phase)
                .Where(row => row.Status == PhaseStatus.Pending || row.Status == PhaseStatus.Queued)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(row => row.Status, PhaseStatus.Unreachable)
                    .SetProperty(row => row.LogLength, 0L)
                    .SetProperty(row => row.FinishedAt, now), cancellationToken);
        }
    }

    /// <summary>Phases that a worker of another installation carries out.</summary>
    public static async Task StopRunningPhasesAsync(
        this OrchestratorDbContext db, RunId run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var phase in Enum.GetValues<RunPhase>())
        {
            await Of(db, run, phase)
                .Where(row => row.Status == PhaseStatus.Running)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(row => row.Status, PhaseStatus.Canceled)
                    .SetProperty(row => row.LogLength, row => row.LogLength ?? db.LogChunks
                        .Where(chunk => chunk.RunId == run && chunk.Phase == EnumText.Of(phase)).Sum(chunk => (long)chunk.Length))
                    .SetProperty(row => row.FinishedAt, now), cancellationToken);
        }
    }

    private static IQueryable<PhaseRecord> Of(OrchestratorDbContext db, RunId run, RunPhase phase) => phase == RunPhase.Plan
        ? db.Plans.Where(plan => plan.RunId == run)
        : db.Applies.Where(apply => apply.RunId == run);
}
