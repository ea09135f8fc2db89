using Orchestrator.Access;

namespace Orchestrator.Web.Pages.Teams;

/// <summary>One of the rights that a team may have in its whole organisation, as a box to be ticked.</summary>
/// <param name="Name">In the API's spelling.</param>
internal sealed record TeamFlag(
    string Name, string Label, string Hint, Func<TeamOrganizationAccess, bool> Has, Func<TeamOrganizationAccess, TeamOrganizationAccess> With)
{
    public static readonly IReadOnlyList<(string Title, TeamFlag[] Flags)> Groups =
    [
        ("Projects and workspaces",
        [
            new("read-workspaces", "Read all workspaces", "their runs, variables and states",
                access => access.ReadWorkspaces, access => access with { ReadWorkspaces = true }),
            new("manage-workspaces", "Administer all workspaces", "make, run, change and delete them",
                access => access.ManageWorkspaces, access => access with { ManageWorkspaces = true }),
            new("read-projects", "Read all projects", "with all their workspaces",
                access => access.ReadProjects, access => access with { ReadProjects = true }),
            new("manage-projects", "Administer all projects", "with all their workspaces",
                access => access.ManageProjects, access => access with { ManageProjects = true }),
        ]),
        ("People",
        [
            new("manage-membership", "Manage members", "invite people, remove them, put them into teams",
                access => access.ManageMembership, access => access with { ManageMembership = true }),
            new("manage-teams", "Manage teams", "make, rename and delete them, and their tokens; manages members, too",
                access => access.ManageTeams, access => access with { ManageTeams = true }),
            new("manage-organization-access", "Give rights in the whole organization", "these boxes; manages teams, too",
                access => access.ManageOrganizationAccess, access => access with { ManageOrganizationAccess = true }),
            new("access-secret-teams", "See secret teams", "and who is in them",
                access => access.AccessSecretTeams, access => access with { AccessSecretTeams = true }),
        ]),
        ("What workspaces use",
        [
            new("manage-vcs-settings", "Manage version control", "connections and SSH keys",
                access => access.ManageVcsSettings, access => access with { ManageVcsSettings = true }),
            new("manage-agent-pools", "Manage agent pools", "and forget agents that are gone",
                access => access.ManageAgentPools, access => access with { ManageAgentPools = true }),
            new("manage-run-tasks", "Manage run tasks", "checks by others between plan and apply",
                access => access.ManageRunTasks, access => access with { ManageRunTasks = true }),
            new("manage-policies", "Manage policies", "what a plan must not do",
                access => access.ManagePolicies, access => access with { ManagePolicies = true }),
            new("manage-policy-overrides", "Override policies", "apply in spite of a failed one",
                access => access.ManagePolicyOverrides, access => access with { ManagePolicyOverrides = true }),
            new("manage-modules", "Manage modules", "of the private registry",
                access => access.ManageModules, access => access with { ManageModules = true }),
            new("manage-providers", "Manage providers", "of the private registry",
                access => access.ManageProviders, access => access with { ManageProviders = true }),
        ]),
    ];

    private static IEnumerable<TeamFlag> All => Groups.SelectMany(group => group.Flags);

    /// <summary>Of the boxes that are ticked; a name that is none is nothing.</summary>
    public static TeamOrganizationAccess Read(IReadOnlyCollection<string?> names) =>
        All.Where(flag => names.Contains(flag.Name)).Aggregate(new TeamOrganizationAccess(), (access, flag) => flag.With(access));

    /// <summary>The labels of what a team has.</summary>
    public static IEnumerable<string> Of(TeamOrganizationAccess access) => All.Where(flag => flag.Has(access)).Select(flag => flag.Label);
}
