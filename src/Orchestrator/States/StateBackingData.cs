using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;

namespace Orchestrator.States;

public enum BackingDataOutcome
{
    Done,

    /// <summary>The workspace needs it: it is the current state.</summary>
    IsCurrent,

    /// <summary>The version is not in the status that the change starts from.</summary>
    OtherStatus,
}

/// <summary>Takes the documents of old state versions away: first out of sight, then for good. The versions stay in the list.</summary>
public sealed class StateBackingData(IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs)
{
    public Task<BackingDataOutcome> SoftDeleteAsync(StateVersionId id, CancellationToken cancellationToken) =>
        MoveAsync(id, StateVersionStatus.Finalized, StateVersionStatus.BackingDataSoftDeleted, cancellationToken);

    public Task<BackingDataOutcome> RestoreAsync(StateVersionId id, CancellationToken cancellationToken) =>
        MoveAsync(id, StateVersionStatus.BackingDataSoftDeleted, StateVersionStatus.Finalized, cancellationToken);

    public async Task<BackingDataOutcome> DeleteAsync(StateVersionId id, CancellationToken cancellationToken)
    {
        var outcome = await MoveAsync(
            id, StateVersionStatus.BackingDataSoftDeleted, StateVersionStatus.BackingDataPermanentlyDeleted, cancellationToken);
        if (outcome == BackingDataOutcome.Done)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.StateOutputs.Where(output => output.StateVersionId == id).ExecuteDeleteAsync(CancellationToken.None);
            await blobs.DeleteAsync(BlobKey.State(id), CancellationToken.None);
            await blobs.DeleteAsync(BlobKey.StateJson(id), CancellationToken.None);
        }
        return outcome;
    }

    /// <summary>At once, whether it was out of sight before or not.</summary>
    public async Task<BackingDataOutcome> RemoveAsync(StateVersionId id, CancellationToken cancellationToken)
    {
        // Somebody may be bringing it back at this moment; then it is there, and stays.
        await SoftDeleteAsync(id, cancellationToken);
        return await DeleteAsync(id, cancellationToken);
    }

    private async Task<BackingDataOutcome> MoveAsync(
        StateVersionId id, StateVersionStatus from, StateVersionStatus to, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var moved = await db.StateVersions
            .Where(version => version.Id == id && version.Status == from
                && !db.Workspaces.Any(workspace => workspace.CurrentStateVersionId == id))
            .ExecuteUpdateAsync(set => set.SetProperty(version => version.Status, to), cancellationToken);
        if (moved == 1)
        {
            return BackingDataOutcome.Done;
        }
        return await db.Workspaces.AnyAsync(workspace => workspace.CurrentStateVersionId == id, cancellationToken)
            ? BackingDataOutcome.IsCurrent
            : BackingDataOutcome.OtherStatus;
    }
}
