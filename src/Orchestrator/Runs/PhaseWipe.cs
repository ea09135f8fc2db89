using Orchestrator.Access;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.RunLogs;
using Orchestrator.States;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Step 9 of a run, always: no process, no directory and no living token of the phase is left. Then it looks whether any
/// of the phase's secrets has reached what is stored, and writes down what it saw.</summary>
public sealed class PhaseWipe(
    DataDirectory data, Sandbox sandbox, RunTokens tokens, RunLogStore logs, StateStore states, IBlobStore blobs, TimeProvider clock)
{
    /// <param name="minted">The secrets that were made for the phase. After a crash nobody knows them any more; then nothing can be
    /// searched for, and the receipt says so.</param>
    /// <param name="deliveries">What clouds have put in place for it.</param>
    /// <param name="user">Who it was; null when that is not known any more, or it had this process's own user.</param>
    public async Task<WipeReceipt> WipeAsync(RunClaim claim, IReadOnlyList<string> minted, IEnumerable<CloudDelivery> deliveries, RunUser? user)
    {
        var (killed, gone, stillValid, removed) = await ClearAsync(claim, deliveries, user);
        var run = claim.Run.Id;
        var revoked = await tokens.RevokeAsync(run, CancellationToken.None);
        var (scanned, findings) = minted.Count == 0 ? ([], []) : await ScanAsync(claim, new Redactor(minted));
        // Not before: whoever gets it next must not be killed by another attempt at this.
        user?.Dispose();
        return new WipeReceipt(clock.GetUtcNow(), killed, gone, removed, revoked, scanned, findings)
        {
            StillValid = stillValid,
            Isolation = sandbox.Isolation,
            MetadataBlocked = sandbox.Network.Metadata,
        };
    }

    /// <summary>For a claim that somebody else has now: only what is on this machine. The tokens may be the other one's.</summary>
    public async Task LeaveAsync(RunClaim claim, IEnumerable<CloudDelivery> deliveries, RunUser? user)
    {
        await ClearAsync(claim, deliveries, user);
        user?.Dispose();
    }

    private async Task<(int Killed, bool Gone, IReadOnlyList<string> StillValid, bool Removed)> ClearAsync(
        RunClaim claim, IEnumerable<CloudDelivery> deliveries, RunUser? user)
    {
        var directory = RunDirectory.PathOf(data, claim.Run.Id);
        var (killed, gone) = await ProcessTree.KillAsync(claim.Run.Id.Value, clock);
        if (sandbox.Users is { } users)
        {
            // Also what has made its environment look like nobody's.
            var (hidden, none) = await (user is null ? users.KillOwnerOfAsync(directory, clock) : user.KillAsync(clock));
            (killed, gone) = (killed + hidden, gone && none);
        }
        var stillValid = new List<string>();
        foreach (var delivery in deliveries)
        {
            await delivery.DisposeAsync();
            if (delivery.Left is { } left)
            {
                stillValid.Add(left);
            }
        }
        return (killed, gone, stillValid, DirectoryRemoval.Remove(directory));
    }

    private async Task<(IReadOnlyList<string> Scanned, IReadOnlyList<string> Findings)> ScanAsync(RunClaim claim, Redactor secrets)
    {
        var artefacts = new List<(string Name, Func<Task<bool>> Found)>
        {
            ("log", () => FoundInLogAsync(claim, secrets)),
            claim.Phase == RunPhase.Plan
                ? ("plan", () => FoundAsync(blobs.ReadAsync(BlobKey.PlanJson(claim.Run.Id), CancellationToken.None), secrets))
                : ("state", () => FoundInStateAsync(claim, secrets)),
        };
        var findings = new List<string>();
        foreach (var (name, found) in artefacts)
        {
            if (await found())
            {
                findings.Add(name);
            }
        }
        return ([.. artefacts.Select(artefact => artefact.Name)], findings);
    }

    private async Task<bool> FoundInLogAsync(RunClaim claim, Redactor secrets)
    {
        var state = 0;
        await foreach (var chunk in logs.ChunksAsync(claim.Run.Id, claim.PhaseName, 0, long.MaxValue, CancellationToken.None))
        {
            if (secrets.Finds(chunk.Span, ref state))
            {
                return true;
            }
        }
        return false;
    }

    private async Task<bool> FoundInStateAsync(RunClaim claim, Redactor secrets)
    {
        var current = await states.CurrentAsync(claim.Run.WorkspaceId, CancellationToken.None);
        return current is not null && await FoundAsync(states.ReadFinalizedAsync(current.Id, CancellationToken.None), secrets);
    }

    private static async Task<bool> FoundAsync(Task<byte[]?> reading, Redactor secrets)
    {
        var state = 0;
        return await reading is { } content && secrets.Finds(content, ref state);
    }
}
