using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Everything that somebody may do, wherever: the union of what they have from the installation, from organisations, projects
/// and workspaces.</summary>
public sealed class Standing
{
    public static readonly Standing Nothing = new();

    public static readonly Standing OfSiteAdmin = new() { _everywhere = AccessRules.Everything };

    private readonly Dictionary<OrganizationId, OrganizationRights> _organizations = [];
    private readonly Dictionary<ProjectId, ProjectRights> _projects = [];
    private readonly Dictionary<WorkspaceId, WorkspaceRight> _workspaces = [];
    private readonly HashSet<TeamId> _teams = [];
    private OrganizationRights _everywhere;

    /// <summary>The teams from which it comes.</summary>
    public IReadOnlyCollection<TeamId> Teams => _teams;

    /// <summary>The organisations in which there is any right.</summary>
    public IReadOnlyCollection<OrganizationId> Organizations => _organizations.Keys;

    public bool IsEverywhere => _everywhere != default;

    public OrganizationRight In(OrganizationId organization) => Across(organization).Organization;

    public ProjectRight In(OrganizationId organization, ProjectId project) =>
        Across(organization).Projects | _projects.GetValueOrDefault(project).Project;

    /// <summary>In the project, and in each of its workspaces, whatever else there is in some.</summary>
    public ProjectRights Within(OrganizationId organization, ProjectId project)
    {
        var across = Across(organization);
        return new ProjectRights(across.Projects, across.Workspaces) | _projects.GetValueOrDefault(project);
    }

    public WorkspaceRight In(OrganizationId organization, ProjectId project, WorkspaceId workspace) =>
        Across(organization).Workspaces | _projects.GetValueOrDefault(project).Workspaces | _workspaces.GetValueOrDefault(workspace);

    /// <summary>In the organisation, and in each of its projects and workspaces, whatever else there is in some.</summary>
    public OrganizationRights Across(OrganizationId organization) => _everywhere | _organizations.GetValueOrDefault(organization);

    /// <summary>The projects in which there is this right of their own, whatever comes from their organisations.</summary>
    public IEnumerable<ProjectId> ProjectsWith(ProjectRight right) => _projects.Where(row => row.Value.Project.HasFlag(right)).Select(row => row.Key);

    public bool IsIn(TeamId team) => _teams.Contains(team);

    /// <summary>The sum of its grounds.</summary>
    internal static Standing Of(IEnumerable<Ground> grounds)
    {
        var standing = new Standing();
        foreach (var ground in grounds)
        {
            if (ground is { Kind: GroundKind.SiteAdmin, Organization: null })
            {
                standing._everywhere |= ground.Whole;
            }
            if (ground.Team is { } team)
            {
                standing._teams.Add(team.Id);
            }
            if (ground.Organization is { } organization)
            {
                standing.Add(organization, ground.Whole);
            }
            if (ground.Project is { } project)
            {
                standing.Add(project, ground.InProject);
            }
            if (ground.Workspace is { } workspace)
            {
                standing.Add(workspace, ground.InWorkspace);
            }
        }
        return standing;
    }

    internal static Standing Of(OrganizationId organization, OrganizationRights rights) => new Standing().Add(organization, rights);

    internal Standing Add(OrganizationId organization, OrganizationRights rights)
    {
        _organizations[organization] = _organizations.GetValueOrDefault(organization) | rights;
        return this;
    }

    internal void Add(TeamId team) => _teams.Add(team);

    private void Add(ProjectId project, ProjectRights rights) => _projects[project] = _projects.GetValueOrDefault(project) | rights;

    internal Standing Add(WorkspaceId workspace, WorkspaceRight rights)
    {
        _workspaces[workspace] = _workspaces.GetValueOrDefault(workspace) | rights;
        return this;
    }
}
