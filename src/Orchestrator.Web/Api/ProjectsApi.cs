using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ProjectAttributes(string Name, string? Description, DateTimeOffset CreatedAt);

public sealed record ProjectRequest
{
    public string? Name { get; init; }

    public string? Description { get; init; }
}

internal static class ProjectsApi
{
    public static void MapProjects(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/projects", ListAsync);
        api.MapPost("/organizations/{organization}/projects", CreateAsync);
        api.MapGet("/projects/{id}", async (string id, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.Projects.AsNoTracking().FirstOrDefaultAsync(project => project.Id == new ProjectId(id), cancellationToken) is { } project
                ? JsonApiResult.Ok(Map(project, await db.Organizations.Where(row => row.Id == project.OrganizationId).Select(row => row.Name).FirstAsync(cancellationToken)))
                : throw ApiProblem.NotFound());
        api.MapDelete("/projects/{id}", DeleteAsync);
    }

    private static async Task<IResult> ListAsync(
        string organization, HttpRequest request, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        var projects = db.Projects.AsNoTracking().Where(project => project.OrganizationId == found.Id);
        if (request.Query["filter[names]"].ToString() is { Length: > 0 } names)
        {
            var wanted = names.Split(',').Select(name => name.ToLowerInvariant()).ToArray();
#pragma warning disable CA1862, CA1304, CA1311 // Translated to SQL's lower().
            projects = projects.Where(project => wanted.Contains(project.Name.ToLower()));
#pragma warning restore CA1862, CA1304, CA1311
        }
        return await Paging.Of(request).AnswerAsync(projects.OrderBy(project => project.Name), project => Map(project, found.Name), request);
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpRequest request, OrchestratorDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        var attributes = (await request.ReadResourceAsync<ProjectRequest>()).Attributes!;
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
        return JsonApiResult.Created(Map(project, found.Name));
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

    private static Resource<ProjectAttributes> Map(Project project, string organization) => new(
        project.Id.Value, "projects", new ProjectAttributes(project.Name, project.Description, project.CreatedAt))
    {
        Relationships = new Dictionary<string, Relationship> { ["organization"] = Relationship.One("organizations", organization) },
        Links = new Dictionary<string, string> { ["self"] = $"{ApiRoutes.Root}/projects/{project.Id}" },
    };
}
