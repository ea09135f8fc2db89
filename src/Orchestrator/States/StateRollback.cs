using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.States;

/// <summary>Brings an earlier state back, as a new version: history only grows.</summary>
public sealed class StateRollback(IDbContextFactory<OrchestratorDbContext> databases, StateStore states)
{
    /// <returns><see cref="StateOutcome.NotPending"/> when the workspace has no such version, or its document is gone.</returns>
    public async Task<StateResult> RollBackAsync(
        WorkspaceId workspace, StateVersionId to, StateWriter writer, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var target = await db.StateVersions.AsNoTracking().FirstOrDefaultAsync(
            version => version.Id == to && version.WorkspaceId == workspace, cancellationToken);
        if (target is null || await states.ReadAsync(to, cancellationToken) is not { } raw)
        {
            return new StateResult(StateOutcome.NotPending);
        }
        var current = await states.CurrentAsync(workspace, cancellationToken);
        var serial = Math.Max(current?.Serial ?? 0, target.Serial) + 1;
        var content = StateDocument.WithSerial(raw, serial);
        var result = await states.StoreAsync(
            new StateAnnouncement(workspace, serial, target.Lineage, StateDocument.Md5Of(content), Force: current?.Lineage != target.Lineage)
            {
                RollbackOf = to,
            },
            content, writer, cancellationToken);
        if (result.Version is { } version && await states.ReadJsonAsync(to, cancellationToken) is { } json)
        {
            // It holds no serial, so it is that of the new version, too.
            await states.StoreJsonAsync(version.Id, json, cancellationToken);
            version.HasJson = true;
        }
        return result;
    }
}
