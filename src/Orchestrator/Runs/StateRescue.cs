using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Picks up the state that terraform could not deliver. It leaves it in <c>errored.tfstate</c>, and nothing of an apply is
/// more valuable.</summary>
public sealed partial class StateRescue(DataDirectory data, StateStore states, ILogger<StateRescue> logger)
{
    private const string FileName = "errored.tfstate";

    public async Task DeliverAsync(RunClaim claim)
    {
        var root = RunDirectory.PathOf(data, claim.Run.Id);
        if (claim.Phase != RunPhase.Apply || !Directory.Exists(root))
        {
            return;
        }
        var file = Path.Combine(root, "configuration", claim.Run.WorkingDirectory, FileName);
        if (!File.Exists(file) || new FileInfo(file).LinkTarget is not null)
        {
            return;
        }
        var raw = await File.ReadAllBytesAsync(file);
        if (StateDocument.Read(raw) is not { } document)
        {
            return;
        }
        var result = await states.StoreAsync(
            new StateAnnouncement(claim.Run.WorkspaceId, document.Serial, document.Lineage, StateDocument.Md5Of(raw), Force: false),
            raw,
            new StateWriter(claim.Run.Id, claim.Run.Id.Value),
            CancellationToken.None);
        Log.Delivered(logger, claim.Run.Id, document.Serial, result.Outcome);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {RunId} left a state of serial {Serial} undelivered; taking it in: {Outcome}.")]
        public static partial void Delivered(ILogger logger, RunId runId, long serial, StateOutcome outcome);
    }
}
