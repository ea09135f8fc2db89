using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

internal static class DriftNotes
{
    /// <summary>Writes down, when a phase has come to its end, what the workspace's resources look like outside of terraform: as the plan has
    /// found them, or, after an apply, as they should be.</summary>
    public static Task RecordDriftAsync(this OrchestratorDbContext db, RunClaim claim, PhaseResult result)
    {
        var (run, options) = (claim.Run, claim.Run.Options);
        // What has not looked at all of them cannot say that there is no drift.
        if (result.Ending != PhaseEnding.Succeeded || !options.Refresh || options.TargetAddresses.Count > 0 || run.PlansWithoutCredentials)
        {
            return Task.CompletedTask;
        }
        var drifted = claim.Phase == RunPhase.Plan ? result.Summary?.Drifted ?? 0 : 0;
        RunId? found = drifted > 0 ? run.Id : null;
        // Beside an apply, which takes its time, others may have found what it was about to change.
        if (claim.Phase == RunPhase.Plan && found is null && claim.Workspace.DriftRunId is null)
        {
            return Task.CompletedTask;
        }
        return db.Workspaces.Where(workspace => workspace.Id == run.WorkspaceId && (found != null || workspace.DriftRunId != null))
            .ExecuteUpdateAsync(set => set
                .SetProperty(workspace => workspace.DriftedResources, drifted)
                .SetProperty(workspace => workspace.DriftRunId, found));
    }
}
