using System.Diagnostics;
using Orchestrator.Data;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>A run's trace: the request or delivery that made it, <c>run.create</c>, and for each phase <c>run.plan.queued</c>, then <c>run.plan</c> with a span
/// for each step. The row carries it over the queue and the wait for somebody's word.</summary>
internal static class RunSpans
{
    public const string RunId = "orchestrator.run.id";

    public static Activity? Create(RunId id, Workspace workspace, RunRequest request) => Tracing.Start("run.create", ActivityKind.Producer)?
        .SetTag(RunId, id.Value)
        .SetTag("orchestrator.workspace.id", workspace.Id.Value)
        .SetTag("orchestrator.workspace.name", workspace.Name)
        .SetTag("orchestrator.run.source", request.Source);

    /// <summary>The wait for a worker, which is over, and the phase, which begins.</summary>
    public static Activity? Begin(RunClaim claim, TimeProvider clock)
    {
        if (claim.QueuedAt is { } queuedAt)
        {
            using var wait = Tracing.Continue($"run.{claim.PhaseName}.queued", claim.Run.TraceContext, startedAt: queuedAt);
            wait?.SetTag(RunId, claim.Run.Id.Value).SetEndTime(clock.GetUtcNow().UtcDateTime);
        }
        return Describe(Tracing.Continue($"run.{claim.PhaseName}", claim.Run.TraceContext, ActivityKind.Consumer), claim);
    }

    public static void End(Activity? span, PhaseResult result)
    {
        span?.SetTag("orchestrator.ending", EnumText.Of(result.Ending));
        if (result.Ending == PhaseEnding.Failed)
        {
            // Not why: whoever reads traces need not be whoever reads the run.
            span.Fail("failed");
        }
    }

    /// <summary>Another process ends a phase whose worker died.</summary>
    public static Activity? BeginRecovery(RunClaim claim) => Describe(Tracing.Continue($"run.{claim.PhaseName}.recover", claim.Run.TraceContext), claim);

    private static Activity? Describe(Activity? span, RunClaim claim) => span?
        .SetTag(RunId, claim.Run.Id.Value)
        .SetTag("orchestrator.workspace.id", claim.Workspace.Id.Value)
        .SetTag("orchestrator.workspace.name", claim.Workspace.Name)
        .SetTag("orchestrator.project.name", claim.Project.Name)
        .SetTag("orchestrator.organization.name", claim.Organization.Name)
        .SetTag("orchestrator.run.attempt", claim.Phase == RunPhase.Plan ? claim.Run.PlanAttempts : claim.Run.ApplyAttempts)
        .SetTag("orchestrator.worker", claim.Run.ClaimedBy);
}
