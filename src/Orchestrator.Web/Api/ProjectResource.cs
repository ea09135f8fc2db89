using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ProjectAttributes
{
    public required string Name { get; init; }

    public required string? Description { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required int WorkspaceCount { get; init; }

    public required int TeamCount { get; init; }

    /// <summary>With what it inherits.</summary>
    public required string DefaultExecutionMode { get; init; }

    public required ProjectOverwrites SettingOverwrites { get; init; }

    public string? AutoDestroyActivityDuration { get; }

    public required ProjectPermissions Permissions { get; init; }
}

/// <summary>A project with what its document also names.</summary>
public sealed record ProjectView(Project Project, Organization Organization, int Workspaces, int Teams)
{
    public ExecutionPlace Place => ExecutionPlace.Of(Organization, Project, workspace: null);
}

internal sealed class ProjectResource() : ResourceType<ProjectView, ProjectAttributes>(Type)
{
    public const string Type = "projects";

    protected override IReadOnlyList<Relation<ProjectView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization.Name).Includable(),
        One("default-agent-pool", AgentPoolResource.Type, view => view.Place.Pool?.Value).Includable(),
        Linked("tag-bindings", view => $"{Address(view)}/tag-bindings"),
        Linked("effective-tag-bindings", EffectiveTagBindingResource.Type, view => $"{Address(view)}/effective-tag-bindings",
            EffectiveTagBindingResource.OfProjectsAsync),
    ];

    protected override string IdOf(ProjectView row) => row.Project.Id.Value;

    protected override IQueryable<ProjectView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ProjectId(id)).ToArray();
        return View(db.Projects.Where(project => wanted.Contains(project.Id)), db);
    }

    protected override ProjectAttributes Show(ProjectView row, HttpContext context) => new()
    {
        Name = row.Project.Name,
        Description = row.Project.Description,
        CreatedAt = row.Project.CreatedAt,
        WorkspaceCount = row.Workspaces,
        TeamCount = row.Teams,
        DefaultExecutionMode = EnumText.Of(row.Place.Mode),
        SettingOverwrites = new ProjectOverwrites(row.Project.DefaultExecutionMode is not null, row.Project.DefaultAgentPoolId is not null),
        Permissions = ProjectPermissions.Of(
            Admission.Of(context).Standing.In(row.Project.OrganizationId, row.Project.Id), row.Project.Name == Names.DefaultProject),
    };

    public static IQueryable<ProjectView> View(IQueryable<Project> projects, OrchestratorDbContext db) =>
        from project in projects
        join organization in db.Organizations on project.OrganizationId equals organization.Id
        select new ProjectView(project, organization, db.Workspaces.Count(workspace => workspace.ProjectId == project.Id),
            db.TeamProjectAccesses.Count(access => access.ProjectId == project.Id));

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

    private static string Address(ProjectView view) => $"{ApiRoutes.Root}/projects/{view.Project.Id}";
}
