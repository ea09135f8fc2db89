using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.States;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Picks up the state that terraform could not deliver. It leaves it in <c>errored.tfstate</c>, and nothing of an apply is
/// more valuable: what cannot become the workspace's state is at least kept, and run and workspace say so.</summary>
public sealed partial class StateRescue(
    IDbContextFactory<OrchestratorDbContext> databases, DataDirectory data, StateStore states, IBlobStore blobs, ILogger<StateRescue> logger)
{
    internal const string FileName = "errored.tfstate";

    /// <summary>Terraform has done something that it could not deliver.</summary>
    internal static bool IsLeftIn(RunDirectory directory) => File.Exists(Path.Combine(directory.Working, FileName));

    /// <remarks>Throws when it could not be stored for now; it is still where it was, so try again.</remarks>
    /// <returns>Null when nothing was left behind or all of it is in place; else what the run's readers have to know.</returns>
    public async Task<string?> DeliverAsync(RunClaim claim)
    {
        if (claim.Phase != RunPhase.Apply || await ReadAsync(claim.Run) is not { } left)
        {
            return null;
        }
        var result = await states.StoreAsync(
            new StateAnnouncement(claim.Run.WorkspaceId, left.Document.Serial, left.Document.Lineage, StateDocument.Md5Of(left.Raw), Force: false),
            left.Raw,
            StateWriter.Of(claim.Run.Id),
            CancellationToken.None);
        Log.Delivered(logger, claim.Run.Id, left.Document.Serial, result.Outcome);
        if (result.Outcome == StateOutcome.Done)
        {
            return null;
        }
        return await KeepAsync(claim.Run, left.Raw)
            ? "Terraform's last state could not be stored as the workspace's. A copy is kept: fetch it from "
                + "/api/v2/applies/…/errored-state and push it with 'terraform state push'."
            : null;
    }

    /// <summary>For a directory of a run that somebody else has ended, while this machine was cut off or this process dead.</summary>
    public async Task KeepLeftAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // A plan delivers no state; what bears the name was the configuration's.
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(
            run => run.Id == id && db.Applies.Any(apply => apply.RunId == id && apply.StartedAt != null), cancellationToken);
        if (run is not null && await ReadAsync(run) is { } left && await KeepAsync(run, left.Raw))
        {
            Log.Kept(logger, id, left.Document.Serial);
        }
    }

    private async Task<(byte[] Raw, StateDocument Document)?> ReadAsync(Run run) =>
        await RunDirectory.ReadLeftAsync(data, run.Id, run.WorkingDirectory, FileName) is { } raw && StateDocument.Read(raw) is { } document
            ? (raw, document)
            : null;

    /// <returns>False when it is the workspace's state after all, or was.</returns>
    private async Task<bool> KeepAsync(Run run, byte[] raw)
    {
        var md5 = StateDocument.Md5Of(raw);
        await using var db = await databases.CreateDbContextAsync();
        if (await db.StateVersions.AnyAsync(version =>
            version.WorkspaceId == run.WorkspaceId && version.Md5 == md5 && version.Status == StateVersionStatus.Finalized))
        {
            return false;
        }
        await blobs.WriteAsync(BlobKey.ErroredState(run.Id), raw, CancellationToken.None);
        await db.NoteDivergedStateAsync(run);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {RunId} left a state of serial {Serial} undelivered; taking it in: {Outcome}.")]
        public static partial void Delivered(ILogger logger, RunId runId, long serial, StateOutcome outcome);

        [LoggerMessage(2, LogLevel.Warning, "Run {RunId}, which others have ended, has left a state of serial {Serial} here; it is kept as its errored state.")]
        public static partial void Kept(ILogger logger, RunId runId, long serial);
    }
}
