using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

public sealed record LockRequest
{
    public string? Reason { get; init; }

    public RequestResource<LockRequest>? Data { get; init; }
}

internal static class WorkspacesApi
{
    /// <summary>What a run's terraform may ask, too: about its own workspace.</summary>
    public static void MapWorkspaceReads(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/workspaces/{name}",
            async (string organization, string name, HttpContext context, OrchestratorDbContext db) =>
            {
                var view = await db.WorkspaceViews().FirstOrDefaultAsync(
                    view => view.Organization == organization && view.Workspace.Name == name, context.RequestAborted);
                return Answer(view, context);
            });
        api.MapGet("/workspaces/{id}", async (string id, HttpContext context, OrchestratorDbContext db) =>
        {
            var view = await db.WorkspaceViews().FirstOrDefaultAsync(view => view.Workspace.Id == new WorkspaceId(id), context.RequestAborted);
            return Answer(view, context);
        });
    }

    public static void MapWorkspaces(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/workspaces", ListAsync);
        api.MapPost("/organizations/{organization}/workspaces", CreateAsync);
        api.MapPatch("/organizations/{organization}/workspaces/{name}", async (
            string organization, string name, HttpRequest request, OrchestratorDbContext db, TimeProvider clock, CancellationToken cancellationToken) =>
            await UpdateAsync(await FindAsync(db, organization, name, cancellationToken), request, db, clock, cancellationToken));
        api.MapPatch("/workspaces/{id}", async (
            string id, HttpRequest request, OrchestratorDbContext db, TimeProvider clock, CancellationToken cancellationToken) =>
            await UpdateAsync(new WorkspaceId(id), request, db, clock, cancellationToken));
        api.MapDelete("/organizations/{organization}/workspaces/{name}", async (
            string organization, string name, OrchestratorDbContext db, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            await DeleteAsync(await FindAsync(db, organization, name, cancellationToken), removal, cancellationToken));
        api.MapDelete("/workspaces/{id}", (string id, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            DeleteAsync(new WorkspaceId(id), removal, cancellationToken));
        api.MapPost("/workspaces/{id}/actions/lock", LockAsync);
        api.MapPost("/workspaces/{id}/actions/unlock", (string id, HttpContext context, OrchestratorDbContext db, RunQueue queue) =>
            UnlockAsync(new WorkspaceId(id), context, db, queue, workspace => db.UnlockAsync(workspace, Caller.Of(context).Name, context.RequestAborted)));
        api.MapPost("/workspaces/{id}/actions/force-unlock", (string id, HttpContext context, OrchestratorDbContext db, RunQueue queue) =>
            UnlockAsync(new WorkspaceId(id), context, db, queue, workspace => db.ForceUnlockAsync(workspace, context.RequestAborted)));
    }

    /// <exception cref="ApiProblem">There is none of this name.</exception>
    private static async Task<WorkspaceId> FindAsync(
        OrchestratorDbContext db, string organization, string name, CancellationToken cancellationToken) =>
        await db.WorkspaceViews()
            .Where(view => view.Organization == organization && view.Workspace.Name == name)
            .Select(view => (WorkspaceId?)view.Workspace.Id)
            .FirstOrDefaultAsync(cancellationToken)
            ?? throw ApiProblem.NotFound();

    private static JsonApiResult Answer(WorkspaceView? view, HttpContext context)
    {
        var caller = Caller.Of(context);
        return view is not null && caller.MayReadState(view.Workspace.Id)
            ? JsonApiResult.Ok(WorkspaceResource.Map(view, caller.IsAdmin))
            : throw ApiProblem.NotFound();
    }

    private static async Task<IResult> ListAsync(
        string organization, HttpRequest request, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        await db.OrganizationAsync(organization, cancellationToken);
        var views = db.WorkspaceViews().Where(view => view.Organization == organization);
        if (request.Query["search[name]"].ToString() is { Length: > 0 } name)
        {
            views = views.Where(view => view.Workspace.Name.Contains(name));
        }
        if (request.Query["filter[project][id]"].ToString() is { Length: > 0 } project)
        {
            views = views.Where(view => view.Workspace.ProjectId == new ProjectId(project));
        }
        return await Paging.Of(request).AnswerAsync(views.OrderBy(view => view.Workspace.Name), view => WorkspaceResource.Map(view), request);
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpRequest request, OrchestratorDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var owner = await db.OrganizationAsync(organization, cancellationToken);
        var body = await request.ReadResourceAsync<WorkspaceRequest>();
        if (!Names.IsWorkspace(body.Attributes!.Name.Value))
        {
            throw ApiProblem.Invalid("name", WorkspaceRequest.NameRule);
        }
        var project = body.RelatedId("project") is { } wanted
            ? await db.Projects.FirstOrDefaultAsync(
                row => row.Id == new ProjectId(wanted) && row.OrganizationId == owner.Id, cancellationToken)
                ?? throw ApiProblem.InvalidRelationship("project", "The organization has no such project.")
            : await db.Projects.FirstAsync(row => row.OrganizationId == owner.Id && row.Name == Names.DefaultProject, cancellationToken);
        var now = clock.GetUtcNow();
        var workspace = new Workspace
        {
            Id = Identifier.New<WorkspaceId>(),
            OrganizationId = owner.Id,
            ProjectId = project.Id,
            Name = body.Attributes.Name.Value!,
            CreatedAt = now,
            UpdatedAt = now,
        };
        body.Attributes.ApplyTo(workspace);
        db.Workspaces.Add(workspace);
        await db.SaveNewAsync("name", cancellationToken);
        return JsonApiResult.Created(WorkspaceResource.Map(new WorkspaceView { Workspace = workspace, Organization = owner.Name }));
    }

    private static async Task<IResult> UpdateAsync(
        WorkspaceId id, HttpRequest request, OrchestratorDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var workspace = await db.Workspaces.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) ?? throw ApiProblem.NotFound();
        var body = await request.ReadResourceAsync<WorkspaceRequest>();
        if (body.RelatedId("project") is { } wanted)
        {
            workspace.ProjectId = await db.Projects.AnyAsync(
                row => row.Id == new ProjectId(wanted) && row.OrganizationId == workspace.OrganizationId, cancellationToken)
                    ? new ProjectId(wanted)
                    : throw ApiProblem.InvalidRelationship("project", "The organization has no such project.");
        }
        body.Attributes!.ApplyTo(workspace);
        workspace.UpdatedAt = clock.GetUtcNow();
        await db.SaveNewAsync("name", cancellationToken);
        return JsonApiResult.Ok(WorkspaceResource.Map(
            await db.WorkspaceViews().FirstAsync(view => view.Workspace.Id == id, cancellationToken)));
    }

    private static async Task<IResult> DeleteAsync(WorkspaceId id, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
        await removal.RemoveAsync(id, cancellationToken) switch
        {
            RemovalOutcome.Removed => Results.NoContent(),
            RemovalOutcome.NotFound => throw ApiProblem.NotFound(),
            RemovalOutcome.LockedByRun => throw ApiProblem.Conflict("The workspace is locked by a run. Cancel the run, or wait for its end."),
        };

    private static async Task<IResult> LockAsync(string id, HttpContext context, OrchestratorDbContext db, TimeProvider clock)
    {
        var body = await context.Request.ReadPlainAsync<LockRequest>();
        var reason = body.Reason ?? body.Data?.Attributes?.Reason ?? "";
        if (reason.Length > Workspace.MaxLockReasonLength)
        {
            throw ApiProblem.Invalid("reason", $"A reason has {Workspace.MaxLockReasonLength} characters at most.");
        }
        var workspace = await RequireAsync(db, new WorkspaceId(id), context.RequestAborted);
        var outcome = await db.LockAsync(workspace, Caller.Of(context).Name, reason, clock.GetUtcNow(), context.RequestAborted);
        return outcome == LockOutcome.Done
            ? await ShowAsync(db, workspace, context.RequestAborted)
            : throw ApiProblem.Conflict("Unable to lock workspace. The workspace is already locked.");
    }

    private static async Task<IResult> UnlockAsync(
        WorkspaceId id, HttpContext context, OrchestratorDbContext db, RunQueue queue, Func<WorkspaceId, Task<LockOutcome>> unlock)
    {
        await RequireAsync(db, id, context.RequestAborted);
        if (await unlock(id) is not LockOutcome.Done and var outcome)
        {
            var byRun = await db.Workspaces.AnyAsync(row => row.Id == id && row.LockedByRunId != null, context.RequestAborted);
            // Clients tell these cases apart by exactly these words.
            throw ApiProblem.Conflict(outcome == LockOutcome.NotLocked
                ? "Unable to unlock workspace. The workspace is not locked."
                : $"Unable to unlock workspace. The workspace is locked by {(byRun ? "Run" : "User")}.");
        }
        await queue.AdvanceAsync(id, context.RequestAborted);
        return await ShowAsync(db, id, context.RequestAborted);
    }

    private static async Task<WorkspaceId> RequireAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        await db.Workspaces.AnyAsync(row => row.Id == id, cancellationToken) ? id : throw ApiProblem.NotFound();

    private static async Task<IResult> ShowAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        JsonApiResult.Ok(WorkspaceResource.Map(await db.WorkspaceViews().FirstAsync(view => view.Workspace.Id == id, cancellationToken)));
}
