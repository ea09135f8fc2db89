using System.Text.Json;
using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Tests.Access;

public sealed class AccessRulesTests
{
    private static readonly OrganizationId Somewhere = new("org-0000000000000001");

    /// <summary>Every level and every flag with every right, against <c>AccessRules.expected.txt</c>.</summary>
    [Fact]
    public void Each_kind_of_access_comes_to_exactly_what_the_table_says() => Assert.Equal(
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Access", "AccessRules.expected.txt")).Where(line => !line.StartsWith('#')),
        [.. OfOrganizations(), .. OfProjects(), .. OfWorkspaces(), .. OfRuns()]);

    [Fact]
    public void A_levels_own_set_counts_and_not_what_was_chosen_for_custom()
    {
        var everything = new WorkspaceGrant
        {
            Runs = RunGrant.Apply,
            Variables = VariableGrant.Write,
            StateVersions = StateGrant.Write,
            SentinelMocks = MockGrant.Read,
            Locking = true,
            RunTasks = true,
        };

        Assert.Equal(AccessRules.Of(WorkspaceAccessLevel.Read, new WorkspaceGrant()), AccessRules.Of(WorkspaceAccessLevel.Read, everything));
        Assert.Equal(
            AccessRules.Of(ProjectAccessLevel.Read, new ProjectGrant(), new ProjectWorkspacesGrant()),
            AccessRules.Of(
                ProjectAccessLevel.Read,
                new ProjectGrant { Settings = ProjectSettingsGrant.Delete, Teams = ProjectTeamsGrant.Manage },
                new ProjectWorkspacesGrant { Workspace = everything, Create = true, Delete = true, Move = true }));
    }

    [Theory]
    // Nobody sees a secret team from outside; everybody in the organisation sees one that shows itself.
    [InlineData("", false, TeamVisibility.Secret, TeamRight.None)]
    [InlineData("", false, TeamVisibility.Organization, TeamRight.See)]
    [InlineData("AccessSecretTeams", false, TeamVisibility.Secret, TeamRight.See)]
    [InlineData("", true, TeamVisibility.Secret, TeamRight.See | TeamRight.ManageTokens)]
    [InlineData("ManageMembership", false, TeamVisibility.Secret, TeamRight.None)]
    [InlineData("ManageMembership", false, TeamVisibility.Organization, TeamRight.See | TeamRight.ManageMembers)]
    [InlineData("ManageTeams", false, TeamVisibility.Secret,
        TeamRight.See | TeamRight.Update | TeamRight.Delete | TeamRight.ManageMembers | TeamRight.ManageTokens)]
    [InlineData("ManageOrganizationAccess", false, TeamVisibility.Secret, TeamRight.All)]
    public void What_one_may_do_with_an_ordinary_team(string has, bool isMember, TeamVisibility visibility, TeamRight expected)
    {
        var standing = StandingOf(Flag(has));
        var team = NewTeam();
        team.Visibility = visibility;
        if (isMember)
        {
            standing.Add(team.Id);
        }

        Assert.Equal(expected, AccessRules.Of(team, standing, isPerson: true));
    }

    [Fact]
    public void Nobody_hands_on_rights_that_they_do_not_have()
    {
        var team = NewTeam(new TeamOrganizationAccess { ManageWorkspaces = true });

        var lacking = AccessRules.Of(team, StandingOf(new TeamOrganizationAccess { ManageTeams = true }), isPerson: true);
        var having = AccessRules.Of(team, StandingOf(new TeamOrganizationAccess { ManageTeams = true, ManageProjects = true }), isPerson: true);

        Assert.Equal(TeamRight.See | TeamRight.Update | TeamRight.Delete, lacking);
        Assert.Equal(lacking | TeamRight.ManageMembers | TeamRight.ManageTokens, having);
    }

    [Fact]
    public void Only_owners_decide_who_the_owners_are_and_nobody_renames_or_deletes_their_team()
    {
        var owners = NewTeam(name: Team.Owners);
        var allFlags = StandingOf(EveryFlag());
        var owner = Standing.Of(Somewhere, AccessRules.Everything);
        owner.Add(owners.Id);

        Assert.Equal(TeamRight.See, AccessRules.Of(owners, allFlags, isPerson: true));
        Assert.Equal(TeamRight.See, AccessRules.Of(owners, Standing.Of(Somewhere, AccessRules.OrganizationToken), isPerson: false));
        Assert.Equal(TeamRight.See | TeamRight.ManageMembers | TeamRight.ManageTokens, AccessRules.Of(owners, owner, isPerson: true));
    }

    [Fact]
    public void Members_keep_their_teams_tokens_only_where_the_team_lets_them_and_its_programs_never()
    {
        var team = NewTeam();
        var member = StandingOf(new TeamOrganizationAccess());
        member.Add(team.Id);

        Assert.True(AccessRules.Of(team, member, isPerson: true).HasFlag(TeamRight.ManageTokens));
        Assert.False(AccessRules.Of(team, member, isPerson: false).HasFlag(TeamRight.ManageTokens));
        team.AllowMemberTokenManagement = false;
        Assert.False(AccessRules.Of(team, member, isPerson: true).HasFlag(TeamRight.ManageTokens));
    }

    private static IEnumerable<string> OfOrganizations()
    {
        yield return Line("member", AccessRules.Membership);
        yield return Line("owners", AccessRules.Of(NewTeam(name: Team.Owners), byToken: false));
        yield return Line("owners by the team's token", AccessRules.Of(NewTeam(name: Team.Owners), byToken: true));
        yield return Line("organization's token", AccessRules.OrganizationToken);
        foreach (var flag in typeof(TeamOrganizationAccess).GetProperties().Where(property => property.PropertyType == typeof(bool)))
        {
            yield return Line(JsonNamingPolicy.KebabCaseLower.ConvertName(flag.Name), AccessRules.Of(Flag(flag.Name)));
        }
    }

    private static IEnumerable<string> OfProjects()
    {
        foreach (var level in Enum.GetValues<ProjectAccessLevel>().Where(level => level != ProjectAccessLevel.Custom))
        {
            yield return Line($"project {EnumText.Of(level)}", AccessRules.Of(level, new ProjectGrant(), new ProjectWorkspacesGrant()));
        }
        var none = new ProjectWorkspacesGrant();
        yield return Line("project custom, nothing chosen", Custom(new ProjectGrant()));
        yield return Line("project custom settings=update", Custom(new ProjectGrant { Settings = ProjectSettingsGrant.Update }));
        yield return Line("project custom settings=delete", Custom(new ProjectGrant { Settings = ProjectSettingsGrant.Delete }));
        yield return Line("project custom teams=read", Custom(new ProjectGrant { Teams = ProjectTeamsGrant.Read }));
        yield return Line("project custom teams=manage", Custom(new ProjectGrant { Teams = ProjectTeamsGrant.Manage }));
        yield return Line("project custom variable-sets=read", Custom(new ProjectGrant { VariableSets = ProjectVariableSetsGrant.Read }));
        yield return Line("project custom variable-sets=write", Custom(new ProjectGrant { VariableSets = ProjectVariableSetsGrant.Write }));
        yield return Line("project custom create", Custom(new ProjectGrant(), none with { Create = true }));
        yield return Line("project custom move", Custom(new ProjectGrant(), none with { Move = true }));
        yield return Line("project custom delete", Custom(new ProjectGrant(), none with { Delete = true }));

        static ProjectRights Custom(ProjectGrant project, ProjectWorkspacesGrant? workspaces = null) =>
            AccessRules.Of(ProjectAccessLevel.Custom, project, workspaces ?? new ProjectWorkspacesGrant());
    }

    private static IEnumerable<string> OfWorkspaces()
    {
        foreach (var level in Enum.GetValues<WorkspaceAccessLevel>().Where(level => level != WorkspaceAccessLevel.Custom))
        {
            yield return Line($"workspace {EnumText.Of(level)}", AccessRules.Of(level, new WorkspaceGrant()));
        }
        yield return Custom(", nothing chosen", new WorkspaceGrant());
        yield return Custom(" runs=plan", new WorkspaceGrant { Runs = RunGrant.Plan });
        yield return Custom(" runs=apply", new WorkspaceGrant { Runs = RunGrant.Apply });
        yield return Custom(" runs=apply, without credentials", new WorkspaceGrant { Runs = RunGrant.Apply, WithholdsCredentials = true });
        yield return Custom(" variables=read", new WorkspaceGrant { Variables = VariableGrant.Read });
        yield return Custom(" variables=write", new WorkspaceGrant { Variables = VariableGrant.Write });
        foreach (var states in new[] { StateGrant.ReadOutputs, StateGrant.Read, StateGrant.Write })
        {
            yield return Custom($" state-versions={EnumText.Of(states)}", new WorkspaceGrant { StateVersions = states });
        }
        yield return Custom(" sentinel-mocks=read", new WorkspaceGrant { SentinelMocks = MockGrant.Read });
        yield return Custom(" locking", new WorkspaceGrant { Locking = true });
        yield return Custom(" run-tasks", new WorkspaceGrant { RunTasks = true });

        static string Custom(string what, WorkspaceGrant grant) =>
            Line($"workspace custom{what}", AccessRules.Of(WorkspaceAccessLevel.Custom, grant));
    }

    private static IEnumerable<string> OfRuns()
    {
        yield return Line("run's token in a plan of a fork", AccessRules.Of(Token(mayWrite: false, mayRead: false)));
        yield return Line("run's token in a plan", AccessRules.Of(Token(mayWrite: false)));
        yield return Line("run's token in an apply", AccessRules.Of(Token(mayWrite: true)));

        static RunToken Token(bool mayWrite, bool mayRead = true) => new()
        {
            Hash = "",
            RunId = new RunId("run-0000000000000001"),
            WorkspaceId = new WorkspaceId("ws-0000000000000001"),
            MayReadState = mayRead,
            MayWriteState = mayWrite,
            ExpiresAt = DateTimeOffset.MaxValue,
        };
    }

    private static string Line(string what, OrganizationRights rights) =>
        $"{what}: {Names(rights.Organization)} | {Names(rights.Projects)} | {Names(rights.Workspaces)}";

    private static string Line(string what, ProjectRights rights) => $"{what}: {Names(rights.Project)} | {Names(rights.Workspaces)}";

    private static string Line(string what, WorkspaceRight rights) => $"{what}: {Names(rights)}";

    private static string Names<T>(T rights) where T : struct, Enum
    {
        T[] single = [.. Enum.GetValues<T>().Where(right => int.PopCount(Convert.ToInt32(right)) == 1)];
        T[] held = [.. single.Where(right => rights.HasFlag(right))];
        return held.Length == 0 ? "-"
            : held.Length == single.Length ? "all"
            : single.Length - held.Length <= 3 ? $"all but {string.Join(' ', single.Except(held))}"
            : string.Join(' ', held);
    }

    private static Standing StandingOf(TeamOrganizationAccess access) =>
        Standing.Of(Somewhere, AccessRules.Membership | AccessRules.Of(access));

    private static TeamOrganizationAccess Flag(string name)
    {
        var access = new TeamOrganizationAccess();
        if (name.Length > 0)
        {
            typeof(TeamOrganizationAccess).GetProperty(name)!.SetValue(access, true);
        }
        return access;
    }

    private static TeamOrganizationAccess EveryFlag()
    {
        var access = new TeamOrganizationAccess();
        foreach (var flag in typeof(TeamOrganizationAccess).GetProperties().Where(property => property.PropertyType == typeof(bool)))
        {
            flag.SetValue(access, true);
        }
        return access;
    }

    private static Team NewTeam(TeamOrganizationAccess? access = null, string name = "network") => new()
    {
        Id = new TeamId("team-0000000000000001"),
        OrganizationId = Somewhere,
        Name = name,
        OrganizationAccess = access ?? new TeamOrganizationAccess(),
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
