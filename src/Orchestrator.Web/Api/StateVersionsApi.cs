using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record StateVersionRequest
{
    public long? Serial { get; init; }

    public string? Md5 { get; init; }

    public string? Lineage { get; init; }

    public bool? Force { get; init; }

    /// <summary>The whole state, base64: then no upload follows.</summary>
    public string? State { get; init; }
}

internal static class StateProblems
{
    public static ApiProblem Of(StateOutcome outcome) => outcome switch
    {
        StateOutcome.NotLockedByWriter => ApiProblem.Conflict("Lock the workspace first; a state is only taken from whoever holds the lock."),
        StateOutcome.StaleSerial => ApiProblem.Conflict("The serial is not newer than the current state's."),
        StateOutcome.OtherLineage => ApiProblem.Conflict("The lineage differs from the current state's: this is another state's history."),
        StateOutcome.Malformed => new ApiProblem(StatusCodes.Status422UnprocessableEntity, "invalid state",
            "The document is not a terraform state, or not the announced one (serial, lineage and MD5 must match)."),
        StateOutcome.NotPending => ApiProblem.Conflict("The state version has had its document."),
        StateOutcome.Done => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}

internal static class StateVersionsApi
{
    // While it works, terraform delivers a snapshot at most this often; the API's clients take whole seconds, and one is the least.
    private const string SnapshotSeconds = "1";

    public static void MapStateVersions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workspaces/{id}/current-state-version", async (
            string id, HttpContext context, StateStore states, StateVersionResource versions) =>
        {
            await context.RequireCurrentStateAsync(new WorkspaceId(id));
            context.Response.Headers["X-Terraform-Snapshot-Interval"] = SnapshotSeconds;
            return await versions.ShowAsync(await states.CurrentAsync(new WorkspaceId(id), context.RequestAborted), context);
        }).WithSummary("Show the current state of a workspace").Returns<StateVersionResource>();
        api.MapPost("/workspaces/{id}/state-versions", CreateAsync)
            .WithSummary("Announce a state, or store one").Takes<StateVersionRequest>().Creates<StateVersionResource>();
        api.MapGet("/workspaces/{id}/state-versions", async (
            string id, HttpContext context, OrchestratorDbContext db, StateVersionResource versions) =>
        {
            var workspace = new WorkspaceId(id);
            Require(Caller.Of(context).MayReadState(workspace) && await db.Workspaces.AnyAsync(row => row.Id == workspace, context.RequestAborted));
            return await versions.ShowPageAsync(
                db.StateVersions.AsNoTracking()
                    .Where(version => version.WorkspaceId == workspace && version.Status == StateVersionStatus.Finalized)
                    .OrderByDescending(version => version.Serial).ThenByDescending(version => version.CreatedAt),
                context);
        }).WithSummary("List the states of a workspace, newest first").ReturnsPage<StateVersionResource>();
        api.MapGet("/state-versions/{id}", (string id, HttpContext context, StateVersionResource versions) => versions.ShowAsync(id, context))
            .WithSummary("Show a state").Returns<StateVersionResource>();
    }

    private static async Task<IResult> CreateAsync(string id, HttpContext context, StateStore states, StateVersionResource versions)
    {
        var (caller, workspace) = (Caller.Of(context), new WorkspaceId(id));
        Require(caller.MayWriteStateOf(workspace));
        var wanted = (await context.Request.ReadResourceAsync<StateVersionRequest>()).Attributes!;
        var announced = new StateAnnouncement(
            workspace,
            wanted.Serial ?? throw ApiProblem.Invalid("serial", "The state's serial is required."),
            wanted.Lineage is not { Length: > StateVersion.MaxLineageLength }
                ? wanted.Lineage ?? ""
                : throw ApiProblem.Invalid("lineage", $"A lineage has {StateVersion.MaxLineageLength} characters at most."),
            wanted.Md5 is { Length: 32 } md5 ? md5.ToLowerInvariant() : throw ApiProblem.Invalid("md5", "The MD5 of the raw state is required, as 32 hex digits."),
            wanted.Force ?? false);
        var writer = new StateWriter(caller.RunId, caller.Actor);
        var result = wanted.State is null
            ? await states.AnnounceAsync(announced, writer, context.RequestAborted)
            : await states.StoreAsync(announced, Decode(wanted.State), writer, context.RequestAborted);
        if (result.Outcome != StateOutcome.Done)
        {
            throw StateProblems.Of(result.Outcome);
        }
        context.Response.Headers["X-Terraform-Snapshot-Interval"] = SnapshotSeconds;
        return await versions.ShowNewAsync(result.Version!, context);
    }

    private static byte[] Decode(string base64)
    {
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, buffer, out var length)
            ? buffer[..length]
            : throw ApiProblem.Invalid("state", "The state is base64.");
    }

    private static void Require(bool allowed)
    {
        if (!allowed)
        {
            throw ApiProblem.NotFound();
        }
    }
}
