using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>A project's settings as a client sends them; what is absent stays as it is.</summary>
public sealed record ProjectRequest
{
    public Optional<string?> Name { get; init; }

    public Optional<string?> Description { get; init; }

    public Optional<string?> DefaultExecutionMode { get; init; }

    public Optional<string?> DefaultAgentPoolId { get; init; }

    public ProjectOverwritesRequest? SettingOverwrites { get; init; }

    public Optional<string?> AutoDestroyActivityDuration { get; init; }

    /// <exception cref="ApiProblem">It asks for what this server does not have.</exception>
    public static ProjectChange ChangeOf(RequestResource<ProjectRequest> body)
    {
        var wanted = body.Attributes!;
        if (wanted.AutoDestroyActivityDuration.Value is { Length: > 0 })
        {
            throw ApiProblem.Invalid("auto-destroy-activity-duration", "This server destroys nothing by itself.");
        }
        return new ProjectChange(new ProjectEdit
        {
            Name = wanted.Name.IsSet ? wanted.Name.Value ?? "" : null,
            Description = wanted.Description.IsSet ? wanted.Description.Value ?? "" : null,
            DefaultExecutionMode = wanted.DefaultExecutionMode.Value is { Length: > 0 } mode ? mode : null,
            DefaultAgentPool = wanted.DefaultAgentPoolId.Value is { Length: > 0 } pool ? new AgentPoolId(pool) : null,
        })
        {
            OverwritesExecutionMode = wanted.SettingOverwrites?.DefaultExecutionMode.Value,
            OverwritesAgentPool = wanted.SettingOverwrites?.DefaultAgentPool.Value,
            Tags = TagRequest.TagsOf(body.RelatedItems<TagRequest>("tag-bindings"), "tag-bindings"),
        };
    }
}

internal static class ProjectsApi
{
    private static readonly SortKeys<Project> Sort = new SortKeys<Project>("name")
        .ByUnique("name", project => project.Name)
        .By("created-at", project => project.CreatedAt)
        .Last(project => project.Id);

    public static void MapProjects(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/projects", ListAsync)
            .WithSummary("List the projects of an organisation").ReturnsPage<ProjectResource>().SortedBy(Sort)
            .Query("q", "Part of a name.").Query("filter[names]", "Whole names, with commas.");
        api.MapPost("/organizations/{organization}/projects", CreateAsync)
            .WithSummary("Create a project").Takes<ProjectRequest>().Creates<ProjectResource>();
        api.MapGet("/projects/{id}", (string id, HttpContext context, ProjectResource projects) => projects.ShowAsync(id, context))
            .WithSummary("Show a project").Returns<ProjectResource>();
        api.MapPatch("/projects/{id}", UpdateAsync).Needs(ProjectRight.Update)
            .WithSummary("Change a project").Takes<ProjectRequest>().Returns<ProjectResource>();
        api.MapDelete("/projects/{id}", DeleteAsync)
            .WithSummary("Delete a project that has no workspaces").ReturnsNothing();
        api.MapPost("/projects/{id}/relationships/workspaces", MoveInAsync).Needs(ProjectRight.MoveWorkspaces)
            .WithSummary("Move workspaces into a project").TakesIdentifiers().ReturnsNothing();
    }

    /// <exception cref="ApiProblem">There is none of this id.</exception>
    public static async Task<Project> ProjectAsync(this OrchestratorDbContext db, string id, CancellationToken cancellationToken) =>
        await db.Projects.AsNoTracking().FirstOrDefaultAsync(project => project.Id == new ProjectId(id), cancellationToken)
            ?? throw ApiProblem.NotFound();

    private static async Task<IResult> ListAsync(
        string organization, HttpContext context, OrchestratorDbContext db, ProjectResource resources, CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        var projects = db.Projects.AsNoTracking().Where(project => project.OrganizationId == found.Id).SeenBy(db, Admission.Of(context).Standing);
        if (context.Request.FilterList("names") is { Count: > 0 } names)
        {
            var wanted = names.Select(name => name.ToLowerInvariant()).ToArray();
#pragma warning disable CA1862, CA1304, CA1311 // Translated to SQL's lower().
            projects = projects.Where(project => wanted.Contains(project.Name.ToLower()));
#pragma warning restore CA1862, CA1304, CA1311
        }
        else
        {
            projects = projects.Containing(context.Request.Query(), project => project.Name);
        }
        return await resources.ShowPageAsync(Sort.Sort(projects, context.Request), rows => ProjectResource.View(rows, db), context);
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, ProjectSettings settings, ProjectResource projects)
    {
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        var created = Require(await settings.CreateAsync(
            owner.Id, ProjectRequest.ChangeOf(await context.Request.ReadResourceAsync<ProjectRequest>()), context.RequestAborted));
        return await projects.ShowNewAsync(new ProjectView(created, owner, Workspaces: 0, Teams: 0), context);
    }

    private static async Task<IResult> UpdateAsync(string id, HttpContext context, ProjectSettings settings, ProjectResource projects)
    {
        Require(await settings.UpdateAsync(
            new ProjectId(id), ProjectRequest.ChangeOf(await context.Request.ReadResourceAsync<ProjectRequest>()), context.RequestAborted));
        return await projects.ShowAsync(id, context);
    }

    private static async Task<IResult> DeleteAsync(
        string id, OrchestratorDbContext db, ProjectSettings settings, CancellationToken cancellationToken) =>
        await settings.RemoveAsync(await db.ProjectAsync(id, cancellationToken), cancellationToken) is { } refusal
            ? throw ApiProblem.Conflict(refusal)
            : Results.NoContent();

    private static async Task<IResult> MoveInAsync(
        string id, HttpRequest request, Admission admission, OrchestratorDbContext db, ProjectSettings settings, CancellationToken cancellationToken)
    {
        var project = await db.ProjectAsync(id, cancellationToken);
        WorkspaceId[] workspaces = [.. (await request.ReadIdsAsync()).Select(workspace => new WorkspaceId(workspace))];
        foreach (var workspace in workspaces)
        {
            // Where it comes from counts, too.
            if (await db.FindAsync(workspace, cancellationToken) is { } scope)
            {
                admission.At(scope).Require(ProjectRight.MoveWorkspaces);
            }
        }
        TagsApi.Require(await settings.MoveInAsync(project, workspaces, cancellationToken));
        return Results.NoContent();
    }

    private static Project Require(ProjectResult result) => result switch
    {
        { Project: { } project } => project,
        { Refusal: { IsRelationship: true } refusal } => throw ApiProblem.InvalidRelationship(refusal.Field, refusal.Reason),
        { Refusal: { } refusal } => throw ApiProblem.Invalid(refusal.Field, refusal.Reason),
        _ => throw ApiProblem.NotFound(),
    };
}
