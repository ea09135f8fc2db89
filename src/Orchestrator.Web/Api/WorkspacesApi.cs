using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

internal static class WorkspacesApi
{
    /// <summary>What a run's terraform may ask, too: about its own workspace, and about those that share their state with it.</summary>
    public static void MapWorkspaceReads(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/workspaces/{name}", ShowAsync)
            .WithSummary("Show a workspace by its name").Returns<WorkspaceResource>();
        api.MapGet("/workspaces/{id}", ShowAsync)
            .WithSummary("Show a workspace").Returns<WorkspaceResource>();
    }

    public static void MapWorkspaces(this IEndpointRouteBuilder api)
    {
        WorkspaceList.Describe(api.MapGet("/organizations/{organization}/workspaces", ListAsync)
            .WithSummary("List the workspaces of an organisation").ReturnsPage<WorkspaceResource>());
        api.MapPost("/organizations/{organization}/workspaces", CreateAsync)
            .WithSummary("Create a workspace").Takes<WorkspaceRequest>().Creates<WorkspaceResource>();
        api.MapPatch("/organizations/{organization}/workspaces/{name}", async (
            string organization, string name, HttpContext context, Admission admission, OrchestratorDbContext db, WorkspaceSettings settings,
            WorkspaceResource workspaces) => await UpdateAsync(
                await db.WorkspaceIdAsync(organization, name, context.RequestAborted), context, admission, db, settings, workspaces))
            .WithSummary("Change a workspace by its name").Takes<WorkspaceRequest>().Returns<WorkspaceResource>();
        api.MapPatch("/workspaces/{id}", (
            string id, HttpContext context, Admission admission, OrchestratorDbContext db, WorkspaceSettings settings, WorkspaceResource workspaces) =>
            UpdateAsync(new WorkspaceId(id), context, admission, db, settings, workspaces))
            .WithSummary("Change a workspace").Takes<WorkspaceRequest>().Returns<WorkspaceResource>();
        api.MapDelete("/organizations/{organization}/workspaces/{name}", async (
            string organization, string name, Admission admission, OrchestratorDbContext db, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            await ForceDeleteAsync(await db.WorkspaceIdAsync(organization, name, cancellationToken), admission, db, removal, cancellationToken))
            .WithSummary("Delete a workspace by its name, with all that belongs to it").ReturnsNothing();
        api.MapDelete("/workspaces/{id}", (
            string id, Admission admission, OrchestratorDbContext db, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            ForceDeleteAsync(new WorkspaceId(id), admission, db, removal, cancellationToken))
            .WithSummary("Delete a workspace, with all that belongs to it").ReturnsNothing();
        api.MapPost("/organizations/{organization}/workspaces/{name}/actions/safe-delete", async (
            string organization, string name, OrchestratorDbContext db, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            await DeleteAsync(await db.WorkspaceIdAsync(organization, name, cancellationToken), removal, RemovalCare.Safe, cancellationToken))
            .Needs(WorkspaceRight.Delete)
            .WithSummary("Delete a workspace by its name, if it manages nothing").ReturnsNothing();
        api.MapPost("/workspaces/{id}/actions/safe-delete", (string id, WorkspaceRemoval removal, CancellationToken cancellationToken) =>
            DeleteAsync(new WorkspaceId(id), removal, RemovalCare.Safe, cancellationToken))
            .Needs(WorkspaceRight.Delete)
            .WithSummary("Delete a workspace, if it manages nothing").ReturnsNothing();
    }

    /// <exception cref="ApiProblem">There is none of this id.</exception>
    public static async Task<Workspace> WorkspaceAsync(this OrchestratorDbContext db, string id, CancellationToken cancellationToken) =>
        await db.Workspaces.AsNoTracking().FirstOrDefaultAsync(workspace => workspace.Id == new WorkspaceId(id), cancellationToken)
            ?? throw ApiProblem.NotFound();

    /// <exception cref="ApiProblem">There is none of this name.</exception>
    private static async Task<WorkspaceId> WorkspaceIdAsync(
        this OrchestratorDbContext db, string organization, string name, CancellationToken cancellationToken) =>
        await (
            from workspace in db.Workspaces
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            where owner.Name == organization && workspace.Name == name
            select (WorkspaceId?)workspace.Id).FirstOrDefaultAsync(cancellationToken)
            ?? throw ApiProblem.NotFound();

    private static async Task<IResult> ShowAsync(HttpContext context, Admission admission, WorkspaceResource workspaces)
    {
        var view = admission.Scope.Shown!;
        await context.RequireShownAsync(view.Workspace.Id);
        return await workspaces.ShowAsync(view, context);
    }

    private static async Task<IResult> ListAsync(
        string organization, HttpContext context, OrchestratorDbContext db, WorkspaceResource resources, CancellationToken cancellationToken)
    {
        var owner = await db.OrganizationAsync(organization, cancellationToken);
        var found = await new WorkspaceList(db, owner.Id, context.Request).FindAsync(cancellationToken);
        return await resources.ShowPageAsync(found, rows => WorkspaceView.Of(rows, db), context);
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, WorkspaceSettings settings, WorkspaceResource workspaces)
    {
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        var body = VersionOf(context).Leave(await context.Request.ReadResourceAsync<WorkspaceRequest>(), context.Request);
        var change = WorkspaceRequest.ChangeOf(body);
        await RequireCreationAsync(owner.Id, change.Project, Admission.Of(context), db, context.RequestAborted);
        var created = Require(await settings.CreateAsync(
            owner.Id, change,
            new WorkspaceOrigin("tfe-api", body.Attributes!.SourceName.Value, body.Attributes.SourceUrl.Value), context.RequestAborted));
        return await workspaces.ShowNewAsync(
            await WorkspaceView.Of(db.Workspaces.AsNoTracking().Where(row => row.Id == created.Id), db).FirstAsync(context.RequestAborted), context);
    }

    private static async Task<IResult> UpdateAsync(
        WorkspaceId id, HttpContext context, Admission admission, OrchestratorDbContext db, WorkspaceSettings settings, WorkspaceResource workspaces)
    {
        var body = VersionOf(context).Require(await context.Request.ReadResourceAsync<WorkspaceRequest>(), context.Request);
        var change = WorkspaceRequest.ChangeOf(body);
        await RequireMoveAsync(id, change.Project, admission, db, context.RequestAborted);
        Require(await settings.UpdateAsync(id, change, context.RequestAborted));
        // Rights come from the project, too.
        await context.RequestServices.GetRequiredService<AccessCache>().ForgetAsync();
        return await workspaces.ShowAsync(id.Value, context);
    }

    private static ClientVersion VersionOf(HttpContext context) => context.RequestServices.GetRequiredService<ClientVersion>();

    /// <summary>A project that the caller may put nothing into is refused like one that is not there.</summary>
    private static async Task RequireCreationAsync(
        OrganizationId owner, ProjectId? wanted, Admission admission, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var project = wanted ?? await db.Projects
            .Where(row => row.OrganizationId == owner && row.Name == Names.DefaultProject)
            .Select(row => row.Id)
            .FirstAsync(cancellationToken);
        if (!admission.At(new Scope(owner, project)).May(ProjectRight.CreateWorkspaces))
        {
            throw wanted is null ? ApiProblem.NotFound() : ApiProblem.InvalidRelationship("project", "The organization has no such project.");
        }
    }

    /// <summary>Whoever moves a workspace to another project must be allowed to in both.</summary>
    private static async Task RequireMoveAsync(
        WorkspaceId id, ProjectId? target, Admission admission, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        if (target is { } project && await db.FindAsync(id, cancellationToken) is { } from && from.Project != project)
        {
            admission.At(from).Require(ProjectRight.MoveWorkspaces);
            // One that is not there is refused with a word of its own.
            if (await db.FindAsync(project, cancellationToken) is { } to)
            {
                admission.At(to).Require(ProjectRight.MoveWorkspaces);
            }
        }
    }

    /// <summary>Nobody will know any more of what the workspace manages. Owners may do that; others where the organisation lets them.</summary>
    private static async Task<IResult> ForceDeleteAsync(
        WorkspaceId id, Admission admission, OrchestratorDbContext db, WorkspaceRemoval removal, CancellationToken cancellationToken)
    {
        var scope = await db.FindAsync(id, cancellationToken) ?? throw ApiProblem.NotFound();
        var there = admission.At(scope);
        there.Require(WorkspaceRight.Delete);
        if (!there.May(OrganizationRight.Delete)
            && !await db.Organizations.AnyAsync(row => row.Id == scope.Organization && row.AllowForceDeleteWorkspaces, cancellationToken))
        {
            throw new ApiProblem(StatusCodes.Status403Forbidden, "forbidden",
                "Only owners delete workspaces by force in this organization. Use the safe deletion, for a workspace that manages nothing.");
        }
        return await DeleteAsync(id, removal, RemovalCare.Force, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(WorkspaceId id, WorkspaceRemoval removal, RemovalCare care, CancellationToken cancellationToken) =>
        await removal.RemoveAsync(id, care, cancellationToken) switch
        {
            RemovalOutcome.Removed => Results.NoContent(),
            RemovalOutcome.NotFound => throw ApiProblem.NotFound(),
            RemovalOutcome.LockedByRun => throw ApiProblem.Conflict("A run is at work in the workspace. Cancel the run, or wait for its end."),
            // Clients tell these three apart by exactly these words: "locked", "being processed", and neither.
            RemovalOutcome.Locked => throw ApiProblem.Conflict("Unable to delete workspace. The workspace is locked."),
            RemovalOutcome.StatePending => throw ApiProblem.Conflict("Unable to delete workspace. Its latest state version is still being processed."),
            RemovalOutcome.ManagesResources => throw ApiProblem.Conflict(
                "Unable to delete workspace. It manages resources, of which nobody would know any more. Destroy them first, or force the deletion."),
        };

    private static Workspace Require(WorkspaceResult result) => result switch
    {
        { Workspace: { } workspace } => workspace,
        { Refusal: { IsRelationship: true } refusal } => throw ApiProblem.InvalidRelationship(refusal.Field, refusal.Reason),
        { Refusal: { } refusal } => throw ApiProblem.Invalid(refusal.Field, refusal.Reason),
        _ => throw ApiProblem.NotFound(),
    };
}
