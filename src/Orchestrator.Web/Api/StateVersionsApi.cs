using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

internal static class StateVersionsApi
{
    // While it works, terraform delivers a snapshot at most this often; the API's clients take whole seconds, and one is the least.
    private const string SnapshotSeconds = "1";

    private const string StatusQuery = "Statuses, with commas. Default: those of states that have come.";

    // What is larger goes the other way: announced, then uploaded.
    private const int MaxInline = 64 * 1024 * 1024;

    /// <summary>What a run's terraform needs, too: for its own workspace.</summary>
    public static void MapStateVersions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workspaces/{id}/current-state-version", async (
            string id, HttpContext context, StateVersionResource versions) =>
        {
            await context.RequireCurrentStateAsync(new WorkspaceId(id));
            context.Response.Headers["X-Terraform-Snapshot-Interval"] = SnapshotSeconds;
            return await versions.ShowAsync(Admission.Of(context).Scope.ShownState, context);
        }).WithSummary("Show the current state of a workspace").Returns<StateVersionResource>();
        api.MapPost("/workspaces/{id}/state-versions", CreateAsync)
            .WithSummary("Announce a state, or store one").Takes<StateVersionRequest>().Creates<StateVersionResource>();
        api.MapGet("/workspaces/{id}/state-versions", (string id, HttpContext context, OrchestratorDbContext db, StateVersionResource versions) =>
                ListAsync(new WorkspaceId(id), context, db, versions))
            .WithSummary("List the states of a workspace, newest first").ReturnsPage<StateVersionResource>()
            .Query("filter[status]", StatusQuery);
        api.MapGet("/state-versions/{id}", (HttpContext context, StateVersionResource versions) =>
            {
                var shown = Admission.Of(context).Scope.ShownState!;
                Require(Caller.Of(context).MayReadState(shown.Version.WorkspaceId));
                return versions.ShowAsync(shown, context);
            })
            .WithSummary("Show a state").Returns<StateVersionResource>();
    }

    /// <summary>What people do with states.</summary>
    public static void MapStateHistory(this IEndpointRouteBuilder api)
    {
        api.MapGet("/state-versions", ListByNamesAsync)
            .WithSummary("List the states of a workspace by its name, newest first").ReturnsPage<StateVersionResource>()
            .Query("filter[organization][name]", "Required.").Query("filter[workspace][name]", "Required.").Query("filter[status]", StatusQuery);
        api.MapGet("/state-versions/{id}/download", (string id, HttpContext context, OrchestratorDbContext db, StateStore states) =>
                DownloadAsync(id, context, db, states.ReadAsync))
            .WithSummary("Fetch a state").ReturnsBytes("application/json").AuditedDownload();
        api.MapGet("/state-versions/{id}/json-download", (string id, HttpContext context, OrchestratorDbContext db, StateStore states) =>
                DownloadAsync(id, context, db, states.ReadJsonAsync))
            .WithSummary("Fetch a state as other programs read it").ReturnsBytes("application/json").AuditedDownload();
        api.MapPatch("/workspaces/{id}/state-versions", RollBackAsync)
            .WithSummary("Bring an earlier state back as a new version").Takes<StateVersionRequest>().Creates<StateVersionResource>();
        MapBackingData(api, "soft_delete", "Put the document of an old state out of sight", (backing, id, cancellationToken) => backing.SoftDeleteAsync(id, cancellationToken));
        MapBackingData(api, "restore", "Bring the document of an old state back", (backing, id, cancellationToken) => backing.RestoreAsync(id, cancellationToken));
        MapBackingData(api, "permanently_delete", "Delete the document of an old state for good", (backing, id, cancellationToken) => backing.DeleteAsync(id, cancellationToken));
    }

    private static void MapBackingData(
        IEndpointRouteBuilder api, string action, string summary, Func<StateBackingData, StateVersionId, CancellationToken, Task<BackingDataOutcome>> act) =>
        api.MapPost($"/state-versions/{{id}}/actions/{action}_backing_data", async (
            string id, HttpContext context, OrchestratorDbContext db, StateBackingData backing, StateVersionResource versions) =>
        {
            await FindAsync(id, context, db);
            return await act(backing, new StateVersionId(id), context.RequestAborted) switch
            {
                BackingDataOutcome.Done => await versions.ShowAsync(id, context),
                BackingDataOutcome.IsCurrent => throw ApiProblem.BadRequest("This is the workspace's current state, which cannot be deleted."),
                BackingDataOutcome.OtherStatus => throw ApiProblem.BadRequest(
                    "The state version is not in the right status: soft delete it first, and then delete it for good or restore it."),
            };
        }).WithSummary(summary).Returns<StateVersionResource>();

    private static async Task<IResult> CreateAsync(
        string id, HttpContext context, OrchestratorDbContext db, StateStore states, StateVersionResource versions)
    {
        var (caller, workspace) = (Caller.Of(context), new WorkspaceId(id));
        Require(caller.MayWriteStateOf(workspace));
        var body = await context.Request.ReadResourceAsync<StateVersionRequest>(MaxInline);
        var wanted = body.Attributes!;
        var announced = wanted.Announce(workspace, await FindRunAsync(body.RelatedId("run"), workspace, caller, db, context.RequestAborted));
        var json = wanted.DecodeJsonState();
        var writer = new StateWriter(caller.RunId, caller.Actor);
        var result = wanted.DecodeState() is { } raw
            ? await states.StoreAsync(announced, raw, writer, context.RequestAborted)
            : await states.AnnounceAsync(announced, writer, context.RequestAborted);
        if (result.Outcome != StateOutcome.Done)
        {
            throw StateProblems.Of(result);
        }
        var version = result.Version!;
        if (json is not null)
        {
            var stored = await states.StoreJsonAsync(version.Id, json, context.RequestAborted);
            if (stored != StateOutcome.Done)
            {
                throw StateProblems.OfJson(stored);
            }
        }
        context.Response.Headers["X-Terraform-Snapshot-Interval"] = SnapshotSeconds;
        return await versions.ShowNewAsync(
            await ViewAsync(version.Id, db, context) with { TakesUploads = wanted.State is null }, context);
    }

    /// <exception cref="ApiProblem">It went with its workspace a moment ago.</exception>
    private static async Task<StateVersionView> ViewAsync(StateVersionId id, OrchestratorDbContext db, HttpContext context) =>
        await StateVersionView.FindAsync(db, id, context.RequestAborted) ?? throw ApiProblem.NotFound();

    /// <summary>The run that the writer says the state comes from.</summary>
    private static async Task<RunId?> FindRunAsync(
        string? id, WorkspaceId workspace, Caller caller, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        if (id is null)
        {
            return null;
        }
        var run = new RunId(id);
        // A run's own token says that it is one of the workspace.
        return caller.RunId == run || await db.Runs.AnyAsync(row => row.Id == run && row.WorkspaceId == workspace, cancellationToken)
            ? run
            : throw ApiProblem.InvalidRelationship("run", "The workspace has no such run.");
    }

    private static async Task<IResult> RollBackAsync(
        string id, HttpContext context, OrchestratorDbContext db, StateRollback rollback, StateVersionResource versions)
    {
        var (caller, workspace) = (Caller.Of(context), new WorkspaceId(id));
        Require(caller.MayWriteStateOf(workspace));
        const string Relationship = "rollback-state-version";
        var target = (await context.Request.ReadResourceAsync<StateVersionRequest>()).RelatedId(Relationship)
            ?? throw ApiProblem.InvalidRelationship(Relationship, "Name the state version whose content is to come back.");
        var result = await rollback.RollBackAsync(
            workspace, new StateVersionId(target), new StateWriter(caller.RunId, caller.Actor), context.RequestAborted);
        return result.Outcome switch
        {
            StateOutcome.Done => await versions.ShowNewAsync(await ViewAsync(result.Version!.Id, db, context), context),
            StateOutcome.NotPending => throw ApiProblem.InvalidRelationship(
                Relationship, "The workspace has no such state version, or its document is gone or has never come."),
            var refused => throw StateProblems.Of(refused),
        };
    }

    private static async Task<IResult> ListByNamesAsync(HttpContext context, OrchestratorDbContext db, StateVersionResource versions)
    {
        var organization = context.Request.Filter("organization", "name") ?? throw Missing("organization");
        var name = context.Request.Filter("workspace", "name") ?? throw Missing("workspace");
        var workspace = await (
            from row in db.Workspaces
            join owner in db.Organizations on row.OrganizationId equals owner.Id
            where owner.Name == organization && row.Name == name
            select (WorkspaceId?)row.Id).FirstOrDefaultAsync(context.RequestAborted);
        return await ListAsync(workspace ?? throw ApiProblem.NotFound(), context, db, versions);

        static ApiProblem Missing(string what) => ApiProblem.BadRequest(
            "Say whose state versions: filter[organization][name]=…&filter[workspace][name]=… are both required.", $"filter[{what}][name]");
    }

    private static async Task<IResult> ListAsync(
        WorkspaceId workspace, HttpContext context, OrchestratorDbContext db, StateVersionResource versions)
    {
        // By names, the route does not say which workspace it is.
        await Admission.Of(context).LocateAsync(db, [workspace], context.RequestAborted);
        Require(Admission.Of(context).In(workspace).HasFlag(WorkspaceRight.ReadState) && await ExistsAsync(workspace, db, context.RequestAborted));
        var wanted = context.Request.FilterList("status");
        var known = wanted.Where(text => EnumText.TryParse<StateVersionStatus>(text, out _)).Select(EnumText.Parse<StateVersionStatus>).ToArray();
        if (known.Length < wanted.Count)
        {
            throw ApiProblem.BadRequest("A state version is " + string.Join(", ", Enum.GetValues<StateVersionStatus>().Select(EnumText.Of)) + ".", "filter[status]");
        }
        var rows = db.StateVersions.AsNoTracking().Where(version => version.WorkspaceId == workspace);
        rows = known.Length > 0
            ? rows.Where(version => known.Contains(version.Status))
            // What never became a state is shown to those alone who ask for it.
            : rows.Where(version => version.Status != StateVersionStatus.Pending && version.Status != StateVersionStatus.Discarded);
        return await versions.ShowPageAsync(
            rows.OrderByDescending(version => version.CreatedAt).ThenByDescending(version => version.Serial),
            page => StateVersionView.Of(page, db), context);
    }

    private static async Task<IResult> DownloadAsync(
        string id, HttpContext context, OrchestratorDbContext db, Func<StateVersionId, CancellationToken, Task<byte[]?>> read)
    {
        await FindAsync(id, context, db);
        return await read(new StateVersionId(id), context.RequestAborted) is { } document
            ? Results.Bytes(document, "application/json")
            : throw new ApiProblem(StatusCodes.Status404NotFound, "not found", "Nobody has sent this form of the state, or it was deleted.");
    }

    /// <exception cref="ApiProblem">There is none, or not for this caller.</exception>
    internal static async Task<StateVersion> FindAsync(string id, HttpContext context, OrchestratorDbContext db)
    {
        var version = await db.StateVersions.AsNoTracking().FirstOrDefaultAsync(row => row.Id == new StateVersionId(id), context.RequestAborted);
        Require(version is not null && Caller.Of(context).MayReadState(version.WorkspaceId));
        return version!;
    }

    private static Task<bool> ExistsAsync(WorkspaceId workspace, OrchestratorDbContext db, CancellationToken cancellationToken) =>
        db.Workspaces.AnyAsync(row => row.Id == workspace, cancellationToken);

    internal static void Require(bool allowed)
    {
        if (!allowed)
        {
            throw ApiProblem.NotFound();
        }
    }
}
