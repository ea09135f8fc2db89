using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What each kind of access comes to. Pure tables: who has which access is <see cref="Standings"/>' concern, and what a
/// route needs is the route's.</summary>
public static class AccessRules
{
    private const OrganizationRight OfMember = OrganizationRight.Traverse | OrganizationRight.Read | OrganizationRight.ReadRunTasks;

    private const OrganizationRight OfWorkspaceReader = OrganizationRight.ReadCredentials | OrganizationRight.ReadVarsets;

    private const OrganizationRight OfWorkspaceManager = OfWorkspaceReader | OrganizationRight.ManageVarsets | OrganizationRight.ManageTags;

    private const OrganizationRight OfTeamManager =
        OrganizationRight.ManageTeams | OrganizationRight.ManageMembership | OrganizationRight.ManageTeamTokens | OrganizationRight.SeeSecretTeams;

    private const WorkspaceRight OfReader = WorkspaceRight.See | WorkspaceRight.ReadSettings | WorkspaceRight.ReadRuns;

    /// <summary>What no program may do with a team's token, whatever the team may: a leaked one must not make others that outlive it.</summary>
    private const OrganizationRight NotByTeamToken =
        OrganizationRight.ManageTeamTokens | OrganizationRight.ManageOrganizationToken | OrganizationRight.ManageOwners;

    /// <summary>What an organisation's token is not for. It configures; it neither runs nor owns.</summary>
    private const OrganizationRight NotByOrganizationToken =
        OrganizationRight.Delete | OrganizationRight.ManageOrganizationToken | OrganizationRight.ManageOwners;

    private static readonly (Func<TeamOrganizationAccess, bool> Has, OrganizationRight Organization, ProjectRight Project, WorkspaceRight Workspace)[]
        OfOrganizationAccess =
        [
            (access => access.ManagePolicies, OrganizationRight.ManagePolicies, 0, 0),
            (access => access.ManagePolicyOverrides, OrganizationRight.OverridePolicies, 0, 0),
            (access => access.ManageWorkspaces || access.ManageProjects, OfWorkspaceManager,
                ProjectRight.Read | ProjectRight.CreateWorkspaces | ProjectRight.MoveWorkspaces | ProjectRight.ReadVarsets | ProjectRight.ManageVarsets,
                WorkspaceRight.All),
            (access => access.ManageProjects, OrganizationRight.ManageProjects, ProjectRight.All, WorkspaceRight.All),
            (access => access.ReadWorkspaces || access.ReadProjects, OfWorkspaceReader, 0, Of(WorkspaceAccessLevel.Read, WorkspaceGrant.ToRead)),
            (access => access.ReadProjects, OrganizationRight.None, ProjectRight.Read | ProjectRight.ReadVarsets, 0),
            (access => access.ManageVcsSettings, OrganizationRight.ManageVcs | OrganizationRight.ManageSshKeys, 0, 0),
            (access => access.ManageProviders, OrganizationRight.ManageProviders, 0, 0),
            (access => access.ManageModules, OrganizationRight.ManageModules, 0, 0),
            (access => access.ManageRunTasks, OrganizationRight.ManageRunTasks, 0, 0),
            (access => access.ManageMembership, OrganizationRight.ManageMembership, 0, 0),
            (access => access.ManageTeams || access.ManageOrganizationAccess, OfTeamManager, 0, 0),
            (access => access.ManageOrganizationAccess, OrganizationRight.ManageOrganizationAccess, 0, 0),
            (access => access.AccessSecretTeams, OrganizationRight.SeeSecretTeams, 0, 0),
            (access => access.ManageAgentPools, OrganizationRight.ManageAgentPools, 0, 0),
        ];

    public static readonly OrganizationRights Everything = new(OrganizationRight.All, ProjectRight.All, WorkspaceRight.All);

    /// <summary>For whoever belongs to an organisation, by membership or by a team's token.</summary>
    public static readonly OrganizationRights Membership = new(OfMember, 0, 0);

    public static readonly OrganizationRights OrganizationToken = new(
        OrganizationRight.All & ~NotByOrganizationToken,
        ProjectRight.All,
        WorkspaceRight.See | WorkspaceRight.ReadSettings | WorkspaceRight.ReadRuns | WorkspaceRight.ReadVariables | WorkspaceRight.WriteVariables
            | WorkspaceRight.ManageRunTasks | WorkspaceRight.ManageTags | WorkspaceRight.Update | WorkspaceRight.Delete
            | WorkspaceRight.ManageAccess | WorkspaceRight.ManageCredentials);

    /// <summary>What a team may do in its whole organisation.</summary>
    /// <param name="byToken">It is not one of its members who asks, but a program with the team's token.</param>
    public static OrganizationRights Of(Team team, bool byToken)
    {
        var rights = Membership | (team.IsOwners ? Everything : Of(team.OrganizationAccess));
        return byToken ? rights with { Organization = rights.Organization & ~NotByTeamToken } : rights;
    }

    public static OrganizationRights Of(TeamOrganizationAccess access) => OfOrganizationAccess
        .Where(row => row.Has(access))
        .Aggregate(new OrganizationRights(0, 0, 0), (sum, row) => sum | new OrganizationRights(row.Organization, row.Project, row.Workspace));

    public static WorkspaceRight Of(WorkspaceAccessLevel level, WorkspaceGrant custom) =>
        level == WorkspaceAccessLevel.Admin ? WorkspaceRight.All : Of(WorkspaceGrant.Of(level, custom));

    public static WorkspaceRight Of(WorkspaceGrant grant)
    {
        var rights = OfReader;
        rights |= grant.Runs switch
        {
            RunGrant.Read => 0,
            RunGrant.Plan => WorkspaceRight.QueuePlan,
            RunGrant.Apply => WorkspaceRight.QueuePlan | WorkspaceRight.QueueApply,
        };
        rights |= grant.Variables switch
        {
            VariableGrant.None => 0,
            VariableGrant.Read => WorkspaceRight.ReadVariables,
            VariableGrant.Write => WorkspaceRight.ReadVariables | WorkspaceRight.WriteVariables,
        };
        rights |= grant.StateVersions switch
        {
            StateGrant.None => 0,
            StateGrant.ReadOutputs => WorkspaceRight.ReadOutputs,
            StateGrant.Read => WorkspaceRight.ReadOutputs | WorkspaceRight.ReadState,
            StateGrant.Write => WorkspaceRight.ReadOutputs | WorkspaceRight.ReadState | WorkspaceRight.WriteState,
        };
        rights |= grant.SentinelMocks switch
        {
            MockGrant.None => 0,
            MockGrant.Read => WorkspaceRight.ReadMocks,
        };
        if (!grant.WithholdsCredentials && rights.HasFlag(WorkspaceRight.QueuePlan))
        {
            rights |= WorkspaceRight.RunWithCredentials;
        }
        return rights | (grant.Locking ? WorkspaceRight.Lock : 0) | (grant.RunTasks ? WorkspaceRight.ManageRunTasks : 0);
    }

    /// <summary>What access to a project comes to: in the project itself, and in each of its workspaces.</summary>
    public static ProjectRights Of(ProjectAccessLevel level, ProjectGrant customProject, ProjectWorkspacesGrant customWorkspaces)
    {
        var (project, workspaces) = (ProjectGrant.Of(level, customProject), ProjectWorkspacesGrant.Of(level, customWorkspaces));
        var administered = level is ProjectAccessLevel.Maintain or ProjectAccessLevel.Admin;
        return new ProjectRights(
            level == ProjectAccessLevel.Admin ? ProjectRight.All : Of(project, workspaces),
            administered ? WorkspaceRight.All : Of(workspaces.Workspace) | (workspaces.Delete ? WorkspaceRight.Delete : 0));
    }

    /// <summary>Nobody gives what they do not have: whoever may manage a project's teams and nothing else would give themselves the rest.
    /// An organisation's projects' managers, and its token, configure what others may do.</summary>
    public static bool MayGive(TeamProjectAccess access, Standing by, OrganizationId organization) =>
        by.Across(organization).Projects.HasFlag(ProjectRight.ManageTeams)
        || by.Within(organization, access.ProjectId).Includes(Of(access.Level, access.Custom, access.CustomWorkspaces));

    /// <summary>What a run's terraform may do with its own workspace.</summary>
    public static WorkspaceRight Of(RunToken token) =>
        WorkspaceRight.See | (token.MayReadState ? WorkspaceRight.ReadOutputs | WorkspaceRight.ReadState : 0) | (token.MayWriteState ? WorkspaceRight.WriteState : 0);

    /// <summary>What somebody may do with a team. Nobody hands on what they do not have: whoever fills a team or takes a token of it
    /// has what it has in the whole organisation.</summary>
    /// <param name="isPerson">Not a program with a team's or organisation's token.</param>
    public static TeamRight Of(Team team, Standing standing, bool isPerson)
    {
        var across = standing.Across(team.OrganizationId);
        var has = across.Organization;
        var isMember = standing.IsIn(team.Id);
        var sees = isMember || has.HasFlag(OrganizationRight.SeeSecretTeams)
            || (team.Visibility == TeamVisibility.Organization && has.HasFlag(OrganizationRight.Read));
        if (!sees)
        {
            return TeamRight.None;
        }
        if (team.IsOwners)
        {
            return TeamRight.See | (has.HasFlag(OrganizationRight.ManageOwners) ? TeamRight.ManageMembers | TeamRight.ManageTokens : 0);
        }
        var covers = across.Includes(Of(team.OrganizationAccess));
        var keepsTokens = (has.HasFlag(OrganizationRight.ManageTeamTokens) && covers)
            || (isPerson && isMember && team.AllowMemberTokenManagement);
        return TeamRight.See
            | (has.HasFlag(OrganizationRight.ManageTeams) ? TeamRight.Update | TeamRight.Delete : 0)
            | (has.HasFlag(OrganizationRight.ManageMembership) && covers ? TeamRight.ManageMembers : 0)
            | (keepsTokens ? TeamRight.ManageTokens : 0)
            | (has.HasFlag(OrganizationRight.ManageOrganizationAccess) ? TeamRight.ManageOrganizationAccess : 0);
    }

    private static ProjectRight Of(ProjectGrant project, ProjectWorkspacesGrant workspaces)
    {
        var rights = ProjectRight.Read;
        rights |= project.Settings switch
        {
            ProjectSettingsGrant.Read => 0,
            ProjectSettingsGrant.Update => ProjectRight.Update | ProjectRight.ManageTags,
            ProjectSettingsGrant.Delete => ProjectRight.Update | ProjectRight.ManageTags | ProjectRight.Delete,
        };
        rights |= project.Teams switch
        {
            ProjectTeamsGrant.None => 0,
            ProjectTeamsGrant.Read => ProjectRight.ReadTeams,
            ProjectTeamsGrant.Manage => ProjectRight.ReadTeams | ProjectRight.ManageTeams,
        };
        rights |= project.VariableSets switch
        {
            ProjectVariableSetsGrant.None => 0,
            ProjectVariableSetsGrant.Read => ProjectRight.ReadVarsets,
            ProjectVariableSetsGrant.Write => ProjectRight.ReadVarsets | ProjectRight.ManageVarsets,
        };
        return rights | (workspaces.Create ? ProjectRight.CreateWorkspaces : 0) | (workspaces.Move ? ProjectRight.MoveWorkspaces : 0);
    }
}

/// <summary>Rights in a whole organisation: in itself, in each of its projects, in each of its workspaces.</summary>
public readonly record struct OrganizationRights(OrganizationRight Organization, ProjectRight Projects, WorkspaceRight Workspaces)
{
    public static OrganizationRights operator |(OrganizationRights one, OrganizationRights other) =>
        new(one.Organization | other.Organization, one.Projects | other.Projects, one.Workspaces | other.Workspaces);

    public bool Includes(OrganizationRights other) => (this | other) == this;
}

/// <summary>Rights in a project: in itself, and in each of its workspaces.</summary>
public readonly record struct ProjectRights(ProjectRight Project, WorkspaceRight Workspaces)
{
    public static ProjectRights operator |(ProjectRights one, ProjectRights other) =>
        new(one.Project | other.Project, one.Workspaces | other.Workspaces);

    public bool Includes(ProjectRights other) => (this | other) == this;
}
