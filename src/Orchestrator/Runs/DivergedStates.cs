using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>A workspace whose state lacks what an apply has done: terraform's last state of it could not be stored, and is kept beside it.</summary>
public static class DivergedStates
{
    internal static async Task NoteDivergedStateAsync(this OrchestratorDbContext db, Run run)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.Runs.Where(row => row.Id == run.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.StateDiverged, true));
        await db.Workspaces.Where(row => row.Id == run.WorkspaceId).ExecuteUpdateAsync(set => set.SetProperty(row => row.DivergedRunId, run.Id));
        await transaction.CommitAsync();
    }

    /// <summary>Somebody has mended it, or says that it does not matter. The kept copy and the run's own note stay.</summary>
    /// <returns>False when there was nothing to dismiss.</returns>
    public static async Task<bool> DismissDivergedStateAsync(this OrchestratorDbContext db, WorkspaceId workspace, CancellationToken cancellationToken) =>
        await db.Workspaces
            .Where(row => row.Id == workspace && row.DivergedRunId != null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.DivergedRunId, (RunId?)null), cancellationToken) == 1;
}
