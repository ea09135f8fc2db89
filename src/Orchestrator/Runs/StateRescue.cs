using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.States;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Picks up the state that terraform could not deliver. It leaves it in <c>errored.tfstate</c>, and nothing of an apply is
/// more valuable: what cannot become the workspace's state is at least kept.</summary>
public sealed partial class StateRescue(DataDirectory data, StateStore states, IBlobStore blobs, ILogger<StateRescue> logger)
{
    private const string FileName = "errored.tfstate";

    /// <remarks>Throws when it could not be stored for now; it is still where it was, so try again.</remarks>
    /// <returns>Null when nothing was left behind or all of it is in place; else what the run's readers have to know.</returns>
    public async Task<string?> DeliverAsync(RunClaim claim)
    {
        if (claim.Phase != RunPhase.Apply || await RunDirectory.ReadLeftAsync(data, claim.Run.Id, claim.Run.WorkingDirectory, FileName) is not { } raw
            || StateDocument.Read(raw) is not { } document)
        {
            return null;
        }
        var result = await states.StoreAsync(
            new StateAnnouncement(claim.Run.WorkspaceId, document.Serial, document.Lineage, StateDocument.Md5Of(raw), Force: false),
            raw,
            StateWriter.Of(claim.Run.Id),
            CancellationToken.None);
        Log.Delivered(logger, claim.Run.Id, document.Serial, result.Outcome);
        if (result.Outcome == StateOutcome.Done)
        {
            return null;
        }
        await blobs.WriteAsync(BlobKey.ErroredState(claim.Run.Id), raw, CancellationToken.None);
        return "Terraform's last state could not be stored as the workspace's. A copy is kept: fetch it from "
            + "/api/v2/applies/…/errored-state and push it with 'terraform state push'.";
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {RunId} left a state of serial {Serial} undelivered; taking it in: {Outcome}.")]
        public static partial void Delivered(ILogger logger, RunId runId, long serial, StateOutcome outcome);
    }
}
