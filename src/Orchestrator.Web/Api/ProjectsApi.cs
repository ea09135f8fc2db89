using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ProjectRequest
{
    public string? Name { get; init; }

    public string? Description { get; init; }
}

internal static class ProjectsApi
{
    private static readonly SortKeys<Project> Sort = new SortKeys<Project>("name")
        .By("name", project => project.Name)
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
        api.MapDelete("/projects/{id}", DeleteAsync)
            .WithSummary("Delete a project that has no workspaces").ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(
        string organization, HttpContext context, OrchestratorDbContext db, ProjectResource resources, CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        var projects = ProjectResource.Visible(
            db.Projects.AsNoTracking().Where(project => project.OrganizationId == found.Id), db, Admission.Of(context));
        if (context.Request.FilterList("names") is { Count: > 0 } names)
        {
            var wanted = names.Select(name => name.ToLowerInvariant()).ToArray();
#pragma warning disable CA1862, CA1304, CA1311 // Translated to SQL's lower().
            projects = projects.Where(project => wanted.Contains(project.Name.ToLower()));
#pragma warning restore CA1862, CA1304, CA1311
        }
        if (context.Request.Query() is { } text)
        {
            projects = projects.Where(project => project.Name.Contains(text));
        }
        return await resources.ShowPageAsync(Sort.Sort(projects, context.Request), rows => ProjectResource.View(rows, db), context);
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, TimeProvider clock, ProjectResource projects,
        CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        var attributes = (await context.Request.ReadResourceAsync<ProjectRequest>()).Attributes!;
        if (!Names.IsProject(attributes.Name))
        {
            throw ApiProblem.Invalid("name",
                $"A name has 3 to {Names.MaxProjectLength} letters, digits, spaces, '-' and '_', and no space at its ends.");
        }
        if (attributes.Description is { Length: > 256 })
        {
            throw ApiProblem.Invalid("description", "A description has 256 characters at most.");
        }
        var project = new Project
        {
            Id = Identifier.New<ProjectId>(),
            OrganizationId = found.Id,
            Name = attributes.Name!,
            Description = attributes.Description,
            CreatedAt = clock.GetUtcNow(),
        };
        db.Projects.Add(project);
        await db.SaveNewAsync("name", cancellationToken);
        return await projects.ShowNewAsync(new ProjectView(project, found.Name), context);
    }

    private static async Task<IResult> DeleteAsync(string id, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var project = await db.Projects.AsNoTracking().FirstOrDefaultAsync(row => row.Id == new ProjectId(id), cancellationToken)
            ?? throw ApiProblem.NotFound();
        if (project.Name == Names.DefaultProject || await db.Workspaces.AnyAsync(row => row.ProjectId == project.Id, cancellationToken))
        {
            throw ApiProblem.Conflict("The default project, and a project that still has workspaces, cannot be deleted.");
        }
        await db.Projects.Where(row => row.Id == project.Id).ExecuteDeleteAsync(cancellationToken);
        return Results.NoContent();
    }
}
