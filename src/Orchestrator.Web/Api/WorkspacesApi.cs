using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
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
    private static readonly SortKeys<Workspace> Sort = new SortKeys<Workspace>("name")
        .By("name", workspace => workspace.Name)
        .By("created-at", workspace => workspace.CreatedAt)
        .By("updated-at", workspace => workspace.UpdatedAt)
        .Last(workspace => workspace.Id);

    /// <summary>What a run's terraform may ask, too: about its own workspace.</summary>
    public static void MapWorkspaceReads(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/workspaces/{name}", async (
            string organization, string name, HttpContext context, OrchestratorDbContext db, WorkspaceResource workspaces) =>
            await workspaces.ShowAsync((await FindAsync(db, organization, name, context.RequestAborted)).Value, context))
            .WithSummary("Show a workspace by its name").Returns<WorkspaceResource>();
        api.MapGet("/workspaces/{id}", (string id, HttpContext context, WorkspaceResource workspaces) => workspaces.ShowAsync(id, context))
            .WithSummary("Show a workspace").Returns<WorkspaceResource>();
    }

    public static void MapWorkspaces(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/workspaces", ListAsync)
            .WithSummary("List the workspaces of an organisation").ReturnsPage<WorkspaceResource>().SortedBy(Sort)
            .Query("search[name]", "Part of a name.").Query("filter[project][id]", "The project they are in.");
        api.MapPost("/organizations/{organization}/workspaces", CreateAsync)
            .WithSummary("Create a workspace").Takes<WorkspaceRequest>().Creates<WorkspaceResource>();
        api.MapPatch("/organizations/{organization}/workspaces/{name}", async (
            string organization, string name, HttpContext context, OrchestratorDbContext db, TimeProvider clock, WorkspaceResource workspaces) =>
            await UpdateAsync(await FindAsync(db, organization, name, context.RequestAborted), context, db, clock, workspaces))
            .WithSummary("Change a workspace by its name").Takes<WorkspaceRequest>().Returns<WorkspaceResource>();
        api.MapPatch("/workspaces/{id}", (
            string id, HttpContext context, OrchestratorDbContext db, TimeProvider clock, WorkspaceResource workspaces) =>
            UpdateAsync(new WorkspaceId(id), context, db, clock, workspaces))
            .WithSummary("Change a workspace").Takes<WorkspaceRequest>().Returns<WorkspaceResource>();
        api.MapDelete("/organizations/{organization}/workspaces/{name}", async (
            string organization, string name, OrchestratorDbContext db, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            await DeleteAsync(await FindAsync(db, organization, name, cancellationToken), removal, cancellationToken))
            .WithSummary("Delete a workspace by its name, with all that belongs to it").ReturnsNothing();
        api.MapDelete("/workspaces/{id}", (string id, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            DeleteAsync(new WorkspaceId(id), removal, cancellationToken))
            .WithSummary("Delete a workspace, with all that belongs to it").ReturnsNothing();
        api.MapPost("/workspaces/{id}/actions/lock", LockAsync)
            .WithSummary("Lock a workspace").TakesPlain<LockRequest>().Returns<WorkspaceResource>();
        api.MapPost("/workspaces/{id}/actions/unlock", (
            string id, HttpContext context, OrchestratorDbContext db, RunQueue queue, WorkspaceResource workspaces) => UnlockAsync(
                new WorkspaceId(id), context, db, queue, workspaces,
                workspace => db.UnlockAsync(workspace, Caller.Of(context).Actor, context.RequestAborted)))
            .WithSummary("Unlock a workspace that the caller has locked").Returns<WorkspaceResource>();
        api.MapPost("/workspaces/{id}/actions/force-unlock", (
            string id, HttpContext context, OrchestratorDbContext db, RunQueue queue, WorkspaceResource workspaces) => UnlockAsync(
                new WorkspaceId(id), context, db, queue, workspaces,
                workspace => db.ForceUnlockAsync(workspace, context.RequestAborted)))
            .WithSummary("Unlock a workspace that somebody else has locked").Returns<WorkspaceResource>();
    }

    /// <exception cref="ApiProblem">There is none of this name.</exception>
    private static async Task<WorkspaceId> FindAsync(
        OrchestratorDbContext db, string organization, string name, CancellationToken cancellationToken) =>
        await (
            from workspace in db.Workspaces
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            where owner.Name == organization && workspace.Name == name
            select (WorkspaceId?)workspace.Id).FirstOrDefaultAsync(cancellationToken)
            ?? throw ApiProblem.NotFound();

    private static async Task<IResult> ListAsync(
        string organization, HttpContext context, OrchestratorDbContext db, WorkspaceResource resources, CancellationToken cancellationToken)
    {
        var owner = await db.OrganizationAsync(organization, cancellationToken);
        var workspaces = db.Workspaces.AsNoTracking().Where(workspace => workspace.OrganizationId == owner.Id);
        if (context.Request.Search("name") is { } name)
        {
            workspaces = workspaces.Where(workspace => workspace.Name.Contains(name));
        }
        if (context.Request.Filter("project", "id") is { } project)
        {
            workspaces = workspaces.Where(workspace => workspace.ProjectId == new ProjectId(project));
        }
        return await resources.ShowPageAsync(Sort.Sort(workspaces, context.Request), rows => WorkspaceResource.View(rows, db), context);
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, TimeProvider clock, WorkspaceResource workspaces,
        CancellationToken cancellationToken)
    {
        var owner = await db.OrganizationAsync(organization, cancellationToken);
        var body = await context.Request.ReadResourceAsync<WorkspaceRequest>();
        if (!Names.IsWorkspace(body.Attributes!.Name.Value))
        {
            throw ApiProblem.Invalid("name", WorkspaceRequest.NameRule);
        }
        var project = body.RelatedId("project") is { } wanted
            ? await db.Projects.FirstOrDefaultAsync(
                row => row.Id == new ProjectId(wanted) && row.OrganizationId == owner.Id, cancellationToken)
                ?? throw ApiProblem.InvalidRelationship("project", "The organization has no such project.")
            : await db.Projects.FirstAsync(row => row.OrganizationId == owner.Id && row.Name == Names.DefaultProject, cancellationToken);
        if (!Admission.Of(context).At(new Scope(owner.Id, project.Id)).May(ProjectRight.CreateWorkspaces))
        {
            throw body.RelatedId("project") is null ? ApiProblem.NotFound() : ApiProblem.InvalidRelationship("project", "The organization has no such project.");
        }
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
        return await workspaces.ShowNewAsync(new WorkspaceView { Workspace = workspace, Organization = owner.Name }, context);
    }

    private static async Task<IResult> UpdateAsync(
        WorkspaceId id, HttpContext context, OrchestratorDbContext db, TimeProvider clock, WorkspaceResource workspaces)
    {
        var cancellationToken = context.RequestAborted;
        var workspace = await db.Workspaces.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) ?? throw ApiProblem.NotFound();
        var body = await context.Request.ReadResourceAsync<WorkspaceRequest>();
        if (body.RelatedId("project") is { } wanted)
        {
            RequireToMove(context, workspace, new ProjectId(wanted));
            workspace.ProjectId = await db.Projects.AnyAsync(
                row => row.Id == new ProjectId(wanted) && row.OrganizationId == workspace.OrganizationId, cancellationToken)
                    ? new ProjectId(wanted)
                    : throw ApiProblem.InvalidRelationship("project", "The organization has no such project.");
        }
        body.Attributes!.ApplyTo(workspace);
        workspace.UpdatedAt = clock.GetUtcNow();
        await db.SaveNewAsync("name", cancellationToken);
        // Rights come from the project, too.
        await context.RequestServices.GetRequiredService<AccessCache>().ForgetAsync();
        return await workspaces.ShowAsync(id.Value, context);
    }

    /// <summary>Out of the one project, and into the other.</summary>
    private static void RequireToMove(HttpContext context, Workspace workspace, ProjectId wanted)
    {
        var standing = Admission.Of(context).Standing;
        if (wanted != workspace.ProjectId
            && (!standing.In(workspace.OrganizationId, workspace.ProjectId).HasFlag(ProjectRight.MoveWorkspaces)
                || !standing.In(workspace.OrganizationId, wanted).HasFlag(ProjectRight.MoveWorkspaces)))
        {
            throw ApiProblem.InvalidRelationship("project", "The organization has no such project.");
        }
    }

    private static async Task<IResult> DeleteAsync(WorkspaceId id, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
        await removal.RemoveAsync(id, cancellationToken) switch
        {
            RemovalOutcome.Removed => Results.NoContent(),
            RemovalOutcome.NotFound => throw ApiProblem.NotFound(),
            RemovalOutcome.LockedByRun => throw ApiProblem.Conflict("The workspace is locked by a run. Cancel the run, or wait for its end."),
        };

    private static async Task<IResult> LockAsync(
        string id, HttpContext context, OrchestratorDbContext db, TimeProvider clock, WorkspaceResource workspaces)
    {
        var body = await context.Request.ReadPlainAsync<LockRequest>();
        var reason = body.Reason ?? body.Data?.Attributes?.Reason ?? "";
        if (reason.Length > Workspace.MaxLockReasonLength)
        {
            throw ApiProblem.Invalid("reason", $"A reason has {Workspace.MaxLockReasonLength} characters at most.");
        }
        var workspace = await RequireAsync(db, new WorkspaceId(id), context.RequestAborted);
        var outcome = await db.LockAsync(workspace, Caller.Of(context).Actor, reason, clock.GetUtcNow(), context.RequestAborted);
        return outcome == LockOutcome.Done
            ? await workspaces.ShowAsync(id, context)
            : throw ApiProblem.Conflict("Unable to lock workspace. The workspace is already locked.");
    }

    private static async Task<IResult> UnlockAsync(
        WorkspaceId id, HttpContext context, OrchestratorDbContext db, RunQueue queue, WorkspaceResource workspaces,
        Func<WorkspaceId, Task<LockOutcome>> unlock)
    {
        await RequireAsync(db, id, context.RequestAborted);
        if (await unlock(id) is not LockOutcome.Done and var outcome)
        {
            var holder = await db.Workspaces.Where(row => row.Id == id)
                .Select(row => new { row.LockedByRunId, row.LockedById })
                .FirstOrDefaultAsync(context.RequestAborted);
            // Clients tell these cases apart by exactly these words.
            throw ApiProblem.Conflict(outcome == LockOutcome.NotLocked
                ? "Unable to unlock workspace. The workspace is not locked."
                : $"Unable to unlock workspace. The workspace is locked by {People.KindOf(holder?.LockedByRunId?.Value ?? holder?.LockedById)}.");
        }
        await queue.AdvanceAsync(id, context.RequestAborted);
        return await workspaces.ShowAsync(id.Value, context);
    }

    private static async Task<WorkspaceId> RequireAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        await db.Workspaces.AnyAsync(row => row.Id == id, cancellationToken) ? id : throw ApiProblem.NotFound();
}
