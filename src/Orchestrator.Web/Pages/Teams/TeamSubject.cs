using Orchestrator.Access;

namespace Orchestrator.Web.Pages.Teams;

/// <summary>One column of the table of teams' rights: what it is about, and the words for how far a team may go.</summary>
internal sealed record TeamSubject(string Name, Func<TeamOrganizationAccess, IEnumerable<string>> Words)
{
    public static readonly IReadOnlyList<TeamSubject> All =
    [
        new("Projects", access => Furthest((access.ManageProjects, "administer"), (access.ReadProjects, "read"))),
        new("Workspaces", access => Furthest((access.ManageWorkspaces || access.ManageProjects, "administer"), (access.ReadWorkspaces || access.ReadProjects, "read"))),
        new("People", access => Furthest(
            (access.ManageOrganizationAccess, "rights, teams and members"), (access.ManageTeams, "teams and members"), (access.ManageMembership, "members"))),
        new("Secret teams", access => Furthest((access.AccessSecretTeams || access.ManageTeams || access.ManageOrganizationAccess, "see"))),
        new("Version control", access => Furthest((access.ManageVcsSettings, "manage"))),
        new("Agent pools", access => Furthest((access.ManageAgentPools, "manage"))),
        new("Policies", access => Each((access.ManagePolicies, "manage"), (access.ManagePolicyOverrides, "override"))),
        new("Run tasks", access => Furthest((access.ManageRunTasks, "manage"))),
        new("Registry", access => Each((access.ManageModules, "modules"), (access.ManageProviders, "providers"))),
    ];

    /// <summary>Empty where the team may nothing.</summary>
    public string Of(Team team) => team.IsOwners ? "everything" : string.Join(", ", Words(team.OrganizationAccess));

    private static IEnumerable<string> Furthest(params (bool Has, string Word)[] levels) => Each(levels).Take(1);

    private static IEnumerable<string> Each(params (bool Has, string Word)[] levels) => levels.Where(level => level.Has).Select(level => level.Word);
}
