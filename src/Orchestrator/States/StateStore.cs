using System.Diagnostics.Metrics;
using System.Text.Json;
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
public sealed record StateAnnouncement(WorkspaceId WorkspaceId, long Serial, string Lineage, string Md5, bool Force)
{
    /// <summary>The run that it comes from, when its writer is none and names one.</summary>
    public RunId? RunId { get; init; }

    /// <summary>The state version whose content it brings back.</summary>
    public StateVersionId? RollbackOf { get; init; }
}

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

    /// <summary>There is no such state version, or it has had another document.</summary>
    NotPending,

    /// <summary>A newer state came before the document did.</summary>
    Superseded,
}

/// <param name="Current">For a refusal: the state that stands in the way, where one does.</param>
public sealed record StateResult(StateOutcome Outcome, StateVersion? Version = null, StateVersion? Current = null);

/// <summary>Takes state versions in and makes them current, one after another.</summary>
public sealed class StateStore(
    IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, StateOutputVault vault, Instruments instruments, TimeProvider clock)
{
    private static readonly CompiledQuery<WorkspaceId, Place> Places = new((db, id) =>
        from workspace in db.Workspaces
        where workspace.Id == id
        join version in db.StateVersions.AsNoTracking() on workspace.CurrentStateVersionId equals version.Id into versions
        from version in versions.DefaultIfEmpty()
        select new Place(workspace.LockedByRunId, workspace.LockedById, version));

    private readonly Counter<long> _uploads = instruments.Counter("orchestrator.state.uploads", "Documents of states that were sent, by what became of them.");
    private readonly Histogram<double> _sizes = instruments.Bytes("orchestrator.state.size", "Sizes of the states that were taken in.", 1e3, 1e4, 1e5, 1e6, 5e6, 1e7, 5e7, 1e8);

    /// <summary>The first of two steps: announces a version, whose document follows by <see cref="FinalizeAsync"/>.</summary>
    /// <remarks>A client that has not heard the answer announces once more: the current state may be announced again, and is answered
    /// with itself.</remarks>
    public async Task<StateResult> AnnounceAsync(StateAnnouncement announced, StateWriter writer, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (outcome, current) = await CheckAsync(db, announced, writer, cancellationToken);
        if (outcome != StateOutcome.Done)
        {
            return new StateResult(outcome, Current: current);
        }
        if (current is not null && IsSame(current, announced))
        {
            return new StateResult(StateOutcome.Done, current);
        }
        var version = new StateVersion
        {
            Id = Identifier.New<StateVersionId>(),
            WorkspaceId = announced.WorkspaceId,
            RunId = writer.RunId ?? announced.RunId,
            Serial = announced.Serial,
            Lineage = announced.Lineage,
            Md5 = announced.Md5,
            Forced = announced.Force,
            RollbackOfId = announced.RollbackOf,
            CreatedById = writer.Actor.Id,
            CreatedBy = writer.Actor.Name,
            CreatedAt = clock.GetUtcNow(),
        };
        db.StateVersions.Add(version);
        await db.SaveChangesAsync(cancellationToken);
        return new StateResult(StateOutcome.Done, version);
    }

    /// <summary>The second step: the document. It is checked, stored, and current when this returns.</summary>
    /// <remarks>It may be sent again, for its sender may not have heard the answer.</remarks>
    public async Task<StateResult> FinalizeAsync(StateVersionId id, byte[] raw, CancellationToken cancellationToken)
    {
        var result = await TakeInAsync(id, raw, cancellationToken);
        _uploads.Add(1, KeyValuePair.Create<string, object?>("outcome", EnumText.Of(result.Outcome)));
        if (result.Outcome == StateOutcome.Done)
        {
            _sizes.Record(raw.Length);
        }
        return result;
    }

    private async Task<StateResult> TakeInAsync(StateVersionId id, byte[] raw, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var version = await db.StateVersions.FirstOrDefaultAsync(version => version.Id == id, cancellationToken);
        if (version is null)
        {
            return new StateResult(StateOutcome.NotPending);
        }
        if (version.Status != StateVersionStatus.Pending)
        {
            return Again(version, StateDocument.Md5Of(raw));
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
        // Nothing stays behind of what could never be finalised.
        if (StateDocument.Md5Of(raw) != announced.Md5 || StateDocument.Read(raw) is null)
        {
            return new StateResult(StateOutcome.Malformed);
        }
        var result = await AnnounceAsync(announced, writer, cancellationToken);
        return result.Version is null ? result : await FinalizeAsync(result.Version.Id, raw, cancellationToken);
    }

    /// <summary>The readable form (<c>terraform show -json</c>) that a client may send beside the raw state, before it or after it.</summary>
    public async Task<StateOutcome> StoreJsonAsync(StateVersionId id, byte[] json, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var version = await db.StateVersions.FirstOrDefaultAsync(version => version.Id == id, cancellationToken);
        if (version is not { Status: StateVersionStatus.Pending or StateVersionStatus.Finalized })
        {
            return version is { Status: StateVersionStatus.Discarded } ? StateOutcome.Superseded : StateOutcome.NotPending;
        }
        if (!IsReadableForm(json))
        {
            return StateOutcome.Malformed;
        }
        if (version.HasJson)
        {
            var known = await blobs.ReadAsync(BlobKey.StateJson(id), cancellationToken);
            return known.AsSpan().SequenceEqual(json) ? StateOutcome.Done : StateOutcome.NotPending;
        }
        await blobs.WriteAsync(BlobKey.StateJson(id), json, cancellationToken);
        await db.StateVersions.Where(row => row.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.HasJson, true), cancellationToken);
        return StateOutcome.Done;
    }

    /// <returns>Null when the document has not come, or is gone.</returns>
    public Task<byte[]?> ReadAsync(StateVersionId id, CancellationToken cancellationToken) =>
        ReadAsync(id, BlobKey.State(id), cancellationToken);

    /// <summary>The same of a version that the caller has just found to be finalized.</summary>
    public Task<byte[]?> ReadFinalizedAsync(StateVersionId id, CancellationToken cancellationToken) => blobs.ReadAsync(BlobKey.State(id), cancellationToken);

    /// <returns>Null when nobody has sent the readable form, or it is gone.</returns>
    public Task<byte[]?> ReadJsonAsync(StateVersionId id, CancellationToken cancellationToken) =>
        ReadAsync(id, BlobKey.StateJson(id), cancellationToken);

    public async Task<StateVersion?> CurrentAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Workspaces.AsNoTracking()
            .Where(row => row.Id == workspace)
            .Join(db.StateVersions, row => row.CurrentStateVersionId, version => version.Id, (_, version) => version)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<byte[]?> ReadAsync(StateVersionId id, BlobKey key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.StateVersions.AnyAsync(version => version.Id == id && version.Status == StateVersionStatus.Finalized, cancellationToken)
            ? await blobs.ReadAsync(key, cancellationToken)
            : null;
    }

    /// <summary>Whether the writer may write now, and whether what is announced follows the current state.</summary>
    private static async Task<(StateOutcome Outcome, StateVersion? Current)> CheckAsync(
        OrchestratorDbContext db, StateAnnouncement announced, StateWriter writer, CancellationToken cancellationToken)
    {
        var place = await Places.FirstOrDefaultAsync(db, announced.WorkspaceId, cancellationToken);
        var current = place?.Current;
        var held = writer.RunId is { } run ? place?.LockedByRunId == run : place?.LockedById is { } holder && holder == writer.Actor.Id;
        if (!held)
        {
            return (StateOutcome.NotLockedByWriter, current);
        }
        if (announced.Force || current is null || IsSame(current, announced))
        {
            return (StateOutcome.Done, current);
        }
        if (current.Lineage != announced.Lineage && announced.Lineage.Length > 0)
        {
            return (StateOutcome.OtherLineage, current);
        }
        return (current.Serial >= announced.Serial ? StateOutcome.StaleSerial : StateOutcome.Done, current);
    }

    /// <summary>The checksum is over a document that holds its serial and lineage.</summary>
    private static bool IsSame(StateVersion current, StateAnnouncement announced) =>
        current.Md5 == announced.Md5 && current.Serial == announced.Serial;

    private static StateResult Again(StateVersion version, string md5) => version.Status switch
    {
        StateVersionStatus.Finalized when version.Md5 == md5 => new StateResult(StateOutcome.Done, version),
        StateVersionStatus.Discarded => new StateResult(StateOutcome.Superseded),
        _ => new StateResult(StateOutcome.NotPending),
    };

    private async Task<StateResult> MakeCurrentAsync(
        OrchestratorDbContext db, StateVersion version, StateDocument document, int size, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Two documents may arrive at once. This waits for the other one's end, and what is read after it is what that one left.
        var now = clock.GetUtcNow();
        await db.Workspaces
            .Where(workspace => workspace.Id == version.WorkspaceId)
            .ExecuteUpdateAsync(set => set.SetProperty(workspace => workspace.UpdatedAt, now), cancellationToken);
        await db.Entry(version).ReloadAsync(cancellationToken);
        if (version.Status != StateVersionStatus.Pending)
        {
            return Again(version, version.Md5);
        }
        var announced = new StateAnnouncement(version.WorkspaceId, version.Serial, document.Lineage, version.Md5, version.Forced);
        var (outcome, current) = await CheckAsync(db, announced, version.Writer, cancellationToken);
        if (outcome != StateOutcome.Done)
        {
            version.Status = StateVersionStatus.Discarded;
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            await blobs.DeleteAsync(BlobKey.State(version.Id), cancellationToken);
            return new StateResult(outcome == StateOutcome.StaleSerial ? StateOutcome.Superseded : outcome);
        }
        version.Complete(document, size);
        version.PreviousId = current?.Id;
        if (document.Outputs.Count <= StateVersion.MaxListedOutputs)
        {
            db.StateOutputs.AddRange(document.Outputs.Select(output => vault.Seal(version.Id, output)));
        }
        await db.SaveChangesAsync(cancellationToken);
        await db.Workspaces
            .Where(workspace => workspace.Id == version.WorkspaceId)
            .ExecuteUpdateAsync(set => set
                .SetProperty(workspace => workspace.CurrentStateVersionId, version.Id)
                // Whoever stores a state has seen the one that it follows.
                .SetProperty(workspace => workspace.DivergedRunId, (RunId?)null), cancellationToken);
        await db.StateVersions
            .Where(row => row.WorkspaceId == version.WorkspaceId && row.Status == StateVersionStatus.Pending && row.Serial <= version.Serial)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, StateVersionStatus.Discarded), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new StateResult(StateOutcome.Done, version);
    }

    private static bool IsReadableForm(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, StateDocument.Options);
            return document.RootElement.TryGetProperty("format_version", out var format) && format.ValueKind == JsonValueKind.String;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Who may write a workspace's state, and what is there.</summary>
    private sealed record Place(RunId? LockedByRunId, string? LockedById, StateVersion? Current);
}
