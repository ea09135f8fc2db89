using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;

namespace Orchestrator.States;

/// <summary>Who writes a state: a run, or somebody else. The workspace's lock must be theirs.</summary>
public sealed record StateWriter(RunId? RunId, Actor Actor)
{
    public static StateWriter Of(RunId run) => new(run, new Actor(run.Value, run.Value));
}

/// <summary>A state version as its writer announces it.</summary>
/// <param name="Force">Serial and lineage need not follow the current state's.</param>
public sealed record StateAnnouncement(WorkspaceId WorkspaceId, long Serial, string Lineage, string Md5, bool Force);

public enum StateOutcome
{
    Done,

    /// <summary>The workspace is not locked by the writer.</summary>
    NotLockedByWriter,

    /// <summary>The current state has this serial or a later one.</summary>
    StaleSerial,

    /// <summary>The current state has another lineage: it is another state's history.</summary>
    OtherLineage,

    /// <summary>The document is not a terraform state, or not the announced one.</summary>
    Malformed,

    /// <summary>There is no such state version, or it has had its document.</summary>
    NotPending,
}

public sealed record StateResult(StateOutcome Outcome, StateVersion? Version = null);

/// <summary>Takes state versions in and makes them current, one after another.</summary>
public sealed class StateStore(IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, TimeProvider clock)
{
    /// <summary>The first of two steps: announces a version, whose document follows by <see cref="FinalizeAsync"/>.</summary>
    public async Task<StateResult> AnnounceAsync(StateAnnouncement announced, StateWriter writer, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var held = await db.Workspaces.AnyAsync(workspace => workspace.Id == announced.WorkspaceId
            && (writer.RunId != null
                ? workspace.LockedByRunId == writer.RunId
                : workspace.LockedById != null && workspace.LockedById == writer.Actor.Id), cancellationToken);
        if (!held)
        {
            return new StateResult(StateOutcome.NotLockedByWriter);
        }
        var current = await CurrentAsync(db, announced.WorkspaceId, cancellationToken);
        if (!announced.Force && current is not null)
        {
            if (current.Lineage != announced.Lineage && announced.Lineage.Length > 0)
            {
                return new StateResult(StateOutcome.OtherLineage);
            }
            if (current.Serial > announced.Serial || (current.Serial == announced.Serial && current.Md5 != announced.Md5))
            {
                return new StateResult(StateOutcome.StaleSerial);
            }
        }
        var version = new StateVersion
        {
            Id = Identifier.New<StateVersionId>(),
            WorkspaceId = announced.WorkspaceId,
            RunId = writer.RunId,
            Serial = announced.Serial,
            Lineage = announced.Lineage,
            Md5 = announced.Md5,
            Forced = announced.Force,
            CreatedById = writer.Actor.Id,
            CreatedBy = writer.Actor.Name,
            CreatedAt = clock.GetUtcNow(),
        };
        db.StateVersions.Add(version);
        await db.SaveChangesAsync(cancellationToken);
        return new StateResult(StateOutcome.Done, version);
    }

    /// <summary>The second step: the document. It is checked, stored, and current when this returns.</summary>
    public async Task<StateResult> FinalizeAsync(StateVersionId id, byte[] raw, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var version = await db.StateVersions.AsNoTracking().FirstOrDefaultAsync(
            version => version.Id == id && version.Status == StateVersionStatus.Pending, cancellationToken);
        if (version is null)
        {
            return new StateResult(StateOutcome.NotPending);
        }
        var document = StateDocument.Read(raw);
        if (document is null || document.Serial != version.Serial
            || (version.Lineage.Length > 0 && document.Lineage != version.Lineage)
            || StateDocument.Md5Of(raw) != version.Md5)
        {
            return new StateResult(StateOutcome.Malformed);
        }
        await blobs.WriteAsync(BlobKey.State(id), raw, cancellationToken);
        return await MakeCurrentAsync(db, version, document, raw.Length, cancellationToken);
    }

    /// <summary>Announces and finalises at once: for a state found on a disk, or sent inline.</summary>
    public async Task<StateResult> StoreAsync(StateAnnouncement announced, byte[] raw, StateWriter writer, CancellationToken cancellationToken)
    {
        var result = await AnnounceAsync(announced, writer, cancellationToken);
        return result.Version is null ? result : await FinalizeAsync(result.Version.Id, raw, cancellationToken);
    }

    /// <summary>The readable form (<c>terraform show -json</c>) that a client may send beside the raw state.</summary>
    public Task StoreJsonAsync(StateVersionId id, byte[] json, CancellationToken cancellationToken) =>
        blobs.WriteAsync(BlobKey.StateJson(id), json, cancellationToken);

    public Task<byte[]?> ReadAsync(StateVersionId id, CancellationToken cancellationToken) =>
        blobs.ReadAsync(BlobKey.State(id), cancellationToken);

    public Task<byte[]?> ReadJsonAsync(StateVersionId id, CancellationToken cancellationToken) =>
        blobs.ReadAsync(BlobKey.StateJson(id), cancellationToken);

    public async Task<StateVersion?> CurrentAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await CurrentAsync(db, workspace, cancellationToken);
    }

    private static Task<StateVersion?> CurrentAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        db.Workspaces.AsNoTracking()
            .Where(workspace => workspace.Id == id)
            .Join(db.StateVersions, workspace => workspace.CurrentStateVersionId, version => version.Id, (_, version) => version)
            .FirstOrDefaultAsync(cancellationToken);

    private async Task<StateResult> MakeCurrentAsync(
        OrchestratorDbContext db, StateVersion version, StateDocument document, int size, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var finalized = await db.StateVersions
            .Where(row => row.Id == version.Id && row.Status == StateVersionStatus.Pending)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Status, StateVersionStatus.Finalized)
                .SetProperty(row => row.Size, size)
                .SetProperty(row => row.ResourceCount, document.ResourceCount)
                .SetProperty(row => row.TerraformVersion, document.TerraformVersion), cancellationToken);
        if (finalized == 0)
        {
            return new StateResult(StateOutcome.NotPending);
        }
        var now = clock.GetUtcNow();
        // Two documents may arrive at once; the newer serial stays, whichever comes last. The first statement waits for the other
        // one's end; only a second one sees what it did: PostgreSQL decides a subquery on what was there when its statement began.
        await db.Workspaces
            .Where(workspace => workspace.Id == version.WorkspaceId)
            .ExecuteUpdateAsync(set => set.SetProperty(workspace => workspace.UpdatedAt, now), cancellationToken);
        await db.Workspaces
            .Where(workspace => workspace.Id == version.WorkspaceId
                && (version.Forced || !db.StateVersions.Any(current =>
                    current.Id == workspace.CurrentStateVersionId && current.Serial > version.Serial)))
            .ExecuteUpdateAsync(set => set.SetProperty(workspace => workspace.CurrentStateVersionId, version.Id), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        version.Status = StateVersionStatus.Finalized;
        version.Size = size;
        version.ResourceCount = document.ResourceCount;
        version.TerraformVersion = document.TerraformVersion;
        return new StateResult(StateOutcome.Done, version);
    }
}
