using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ProjectAttributes(string Name, string? Description, DateTimeOffset CreatedAt);

/// <summary>A project with what its document also names.</summary>
public sealed record ProjectView(Project Project, string Organization);

internal sealed class ProjectResource() : ResourceType<ProjectView, ProjectAttributes>(Type)
{
    public const string Type = "projects";

    protected override IReadOnlyList<Relation<ProjectView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization).Includable(),
    ];

    protected override string IdOf(ProjectView row) => row.Project.Id.Value;

    protected override IQueryable<ProjectView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ProjectId(id)).ToArray();
        return View(db.Projects.Where(project => wanted.Contains(project.Id)), db);
    }

    protected override ProjectAttributes Show(ProjectView row, HttpContext context) =>
        new(row.Project.Name, row.Project.Description, row.Project.CreatedAt);

    public static IQueryable<ProjectView> View(IQueryable<Project> projects, OrchestratorDbContext db) =>
        from project in projects
        join organization in db.Organizations on project.OrganizationId equals organization.Id
        select new ProjectView(project, organization.Name);

    /// <summary>The default project of each organisation, by its name.</summary>
    public static async Task<ILookup<string, string>> DefaultsOfAsync(
        OrchestratorDbContext db, IReadOnlyList<string> organizations, CancellationToken cancellationToken)
    {
        var found = await (
            from project in db.Projects
            join organization in db.Organizations on project.OrganizationId equals organization.Id
            where organizations.Contains(organization.Name) && project.Name == Names.DefaultProject
            select new { organization.Name, project.Id }).ToListAsync(cancellationToken);
        return found.ToLookup(pair => pair.Name, pair => pair.Id.Value);
    }
}
