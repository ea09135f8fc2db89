using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Access;

/// <summary>Of many, those that somebody may see: for lists, of the API and of pages, in one organisation and in all.</summary>
internal static class Seen
{
    public static IQueryable<Organization> SeenBy(this IQueryable<Organization> organizations, Standing standing)
    {
        OrganizationId[] seen = [.. standing.Organizations.Where(id => standing.In(id).HasFlag(OrganizationRight.Read))];
        return standing.IsEverywhere ? organizations : organizations.Where(organization => seen.Contains(organization.Id));
    }

    /// <summary>By a right in the organisation, by access to the project, or to a workspace in it.</summary>
    public static IQueryable<Project> SeenBy(this IQueryable<Project> projects, OrchestratorDbContext db, Standing standing)
    {
        OrganizationId[] whole = [.. standing.Organizations.Where(id => standing.Across(id).Projects.HasFlag(ProjectRight.Read))];
        TeamId[] teams = [.. standing.Teams];
        return standing.IsEverywhere ? projects : projects.InOneOf(standing).Where(project => whole.Contains(project.OrganizationId)
            || db.TeamProjectAccesses.Any(access => access.ProjectId == project.Id && teams.Contains(access.TeamId))
            || db.TeamWorkspaceAccesses.Any(access => teams.Contains(access.TeamId)
                && db.Workspaces.Any(workspace => workspace.Id == access.WorkspaceId && workspace.ProjectId == project.Id)));
    }

    /// <summary>Whatever access to a workspace there is, it shows the workspace and its runs.</summary>
    public static IQueryable<Workspace> SeenBy(this IQueryable<Workspace> workspaces, OrchestratorDbContext db, Standing standing)
    {
        OrganizationId[] whole = [.. standing.Organizations.Where(id => standing.Across(id).Workspaces.HasFlag(WorkspaceRight.See))];
        TeamId[] teams = [.. standing.Teams];
        return standing.IsEverywhere ? workspaces : workspaces.InOneOf(standing).Where(workspace => whole.Contains(workspace.OrganizationId)
            || db.TeamWorkspaceAccesses.Any(access => access.WorkspaceId == workspace.Id && teams.Contains(access.TeamId))
            || db.TeamProjectAccesses.Any(access => access.ProjectId == workspace.ProjectId && teams.Contains(access.TeamId)));
    }

    /// <summary>Teams of the organisation where the caller stands: those that show themselves, and the caller's own.</summary>
    public static IQueryable<Team> SeenBy(this IQueryable<Team> teams, Admission admission)
    {
        TeamId[] own = [.. admission.Standing.Teams];
        return admission.May(OrganizationRight.SeeSecretTeams)
            ? teams
            : teams.Where(team => team.Visibility == TeamVisibility.Organization || own.Contains(team.Id));
    }

    /// <summary>The projects in which somebody may do that.</summary>
    public static IQueryable<Project> Where(this IQueryable<Project> projects, Standing standing, ProjectRight right)
    {
        OrganizationId[] whole = [.. standing.Organizations.Where(id => standing.Across(id).Projects.HasFlag(right))];
        ProjectId[] single = [.. standing.ProjectsWith(right)];
        return standing.IsEverywhere ? projects : projects.Where(project => whole.Contains(project.OrganizationId) || single.Contains(project.Id));
    }

    // No row gives anything in an organisation that one does not belong to.
    private static IQueryable<Project> InOneOf(this IQueryable<Project> projects, Standing standing)
    {
        OrganizationId[] known = [.. standing.Organizations];
        return projects.Where(project => known.Contains(project.OrganizationId));
    }

    private static IQueryable<Workspace> InOneOf(this IQueryable<Workspace> workspaces, Standing standing)
    {
        OrganizationId[] known = [.. standing.Organizations];
        return workspaces.Where(workspace => known.Contains(workspace.OrganizationId));
    }
}
