using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class StandingsTests
{
    [Theory, EachDatabase]
    public async Task What_one_may_do_is_the_union_of_what_all_teams_have_on_all_levels(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var user = await installation.UserAsync();
        await installation.JoinAsync(user, await installation.TeamAsync(workspace.OrganizationId,
            team => team.OrganizationAccess = new TeamOrganizationAccess { ManageVcsSettings = true }));
        var reader = await installation.TeamAsync(workspace.OrganizationId);
        await installation.JoinAsync(user, reader);
        await installation.GiveAsync(reader, workspace, WorkspaceAccessLevel.Read);
        var planner = await installation.TeamAsync(workspace.OrganizationId);
        await installation.JoinAsync(user, planner);
        await installation.GiveAsync(planner, workspace.ProjectId, ProjectAccessLevel.Custom, new ProjectWorkspacesGrant
        {
            Workspace = new WorkspaceGrant { Runs = RunGrant.Plan },
            Create = true,
        });

        var standing = await StandingOf(installation, Principal.Of(user));

        Assert.Equal(
            AccessRules.Membership.Organization | OrganizationRight.ManageVcs | OrganizationRight.ManageSshKeys,
            standing.In(workspace.OrganizationId));
        Assert.Equal(ProjectRight.Read | ProjectRight.CreateWorkspaces, standing.In(workspace.OrganizationId, workspace.ProjectId));
        Assert.Equal(
            AccessRules.Of(WorkspaceGrant.ToRead) | WorkspaceRight.QueuePlan | WorkspaceRight.RunWithCredentials,
            standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));
    }

    [Theory, EachDatabase]
    public async Task Every_right_has_grounds_that_come_to_exactly_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var user = await installation.UserAsync();
        var readers = await installation.TeamAsync(workspace.OrganizationId);
        var planners = await installation.TeamAsync(workspace.OrganizationId);
        var managers = await installation.TeamAsync(workspace.OrganizationId, team => team.OrganizationAccess = new TeamOrganizationAccess { ReadWorkspaces = true });
        await installation.TeamAsync(workspace.OrganizationId, team => team.Name = Team.Owners);
        foreach (var team in new[] { readers, planners, managers })
        {
            await installation.JoinAsync(user, team);
        }
        await installation.GiveAsync(readers, workspace, WorkspaceAccessLevel.Read);
        await installation.GiveAsync(planners, workspace.ProjectId, ProjectAccessLevel.Custom, new ProjectWorkspacesGrant
        {
            Workspace = new WorkspaceGrant { Runs = RunGrant.Plan, WithholdsCredentials = true },
        });

        var grounds = await installation.Get<Standings>().GroundsAsync(user, CancellationToken.None);

        var standing = await StandingOf(installation, Principal.Of(user));
        WorkspaceRight In(Ground ground) => ground.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id);
        Assert.Equal(standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id), grounds.Aggregate(WorkspaceRight.None, (sum, ground) => sum | In(ground)));
        Assert.Equal([planners.Id], grounds.Where(ground => In(ground).HasFlag(WorkspaceRight.QueuePlan)).Select(ground => ground.Team!.Id));
        Assert.DoesNotContain(grounds, ground => In(ground).HasFlag(WorkspaceRight.RunWithCredentials));
        Assert.Equal(3, grounds.Count(ground => In(ground).HasFlag(WorkspaceRight.ReadState)) + grounds.Count(ground => ground.Kind == GroundKind.Membership));
        Assert.Equal("read", Assert.Single(grounds, ground => ground.Kind == GroundKind.Workspace).Level);
    }

    [Theory, EachDatabase]
    public async Task Nothing_reaches_into_another_organization_project_or_workspace(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var mine = await installation.WorkspaceAsync();
        var other = await installation.WorkspaceAsync();
        var user = await installation.UserAsync();
        var owners = await installation.TeamAsync(mine.OrganizationId, team => team.Name = Team.Owners);
        await installation.JoinAsync(user, owners);
        // Rows that no front door makes.
        await installation.GiveAsync(owners, other, WorkspaceAccessLevel.Admin);
        await installation.GiveAsync(owners, other.ProjectId, ProjectAccessLevel.Admin);

        var standing = await StandingOf(installation, Principal.Of(user));

        Assert.Equal(WorkspaceRight.All, standing.In(mine.OrganizationId, mine.ProjectId, mine.Id));
        Assert.Equal(OrganizationRight.None, standing.In(other.OrganizationId));
        Assert.Equal(ProjectRight.None, standing.In(other.OrganizationId, other.ProjectId));
        Assert.Equal(WorkspaceRight.None, standing.In(other.OrganizationId, other.ProjectId, other.Id));
    }

    [Theory, EachDatabase]
    public async Task An_invitation_that_nobody_has_accepted_gives_nothing(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var user = await installation.UserAsync();
        await installation.JoinAsync(
            user, await installation.TeamAsync(workspace.OrganizationId, team => team.Name = Team.Owners), MembershipStatus.Invited);

        var standing = await StandingOf(installation, Principal.Of(user));

        Assert.Equal(OrganizationRight.None, standing.In(workspace.OrganizationId));
        Assert.Equal(WorkspaceRight.None, standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));
    }

    [Theory, EachDatabase]
    public async Task Whoever_leaves_the_organization_leaves_its_teams(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var user = await installation.UserAsync();
        var team = await installation.TeamAsync(workspace.OrganizationId);
        await installation.JoinAsync(user, team);
        await installation.GiveAsync(team, workspace, WorkspaceAccessLevel.Admin);
        Assert.Equal(WorkspaceRight.All, (await StandingOf(installation, Principal.Of(user))).In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));

        await using (var db = installation.Open())
        {
            await db.OrganizationMemberships.Where(membership => membership.UserId == user.Id).ExecuteDeleteAsync();
        }
        await installation.Get<AccessCache>().ForgetAsync();

        var after = await StandingOf(installation, Principal.Of(user));
        Assert.Equal(WorkspaceRight.None, after.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));
        Assert.Equal(OrganizationRight.None, after.In(workspace.OrganizationId));
    }

    [Theory, EachDatabase]
    public async Task A_teams_token_has_what_the_team_has(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var other = await installation.WorkspaceAsync();
        var team = await installation.TeamAsync(workspace.OrganizationId);
        await installation.GiveAsync(team, workspace, WorkspaceAccessLevel.Write);

        var standing = await StandingOf(installation, Principal.Of(team.Id));

        Assert.Equal(AccessRules.Of(WorkspaceGrant.ToWrite), standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));
        Assert.Equal(AccessRules.Membership.Organization, standing.In(workspace.OrganizationId));
        Assert.Equal(WorkspaceRight.None, standing.In(other.OrganizationId, other.ProjectId, other.Id));
    }

    [Theory, EachDatabase]
    public async Task A_runs_token_has_its_own_workspaces_state_and_no_other(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var beside = await installation.WorkspaceAsync();
        var token = new RunToken
        {
            Hash = "",
            RunId = Identifier.New<RunId>(),
            WorkspaceId = workspace.Id,
            MayReadState = true,
            MayWriteState = true,
            ExpiresAt = Installation.Start,
        };

        var standing = await installation.Get<Standings>().OfAsync(Principal.Of(token), token, CancellationToken.None);

        Assert.Equal(OrganizationRight.Traverse, standing.In(workspace.OrganizationId));
        Assert.Equal(ProjectRight.None, standing.In(workspace.OrganizationId, workspace.ProjectId));
        Assert.Equal(AccessRules.Of(token), standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));
        Assert.Equal(WorkspaceRight.None, standing.In(workspace.OrganizationId, workspace.ProjectId, beside.Id));
        Assert.Equal(OrganizationRight.None, standing.In(beside.OrganizationId));
    }

    [Fact]
    public async Task A_site_admin_may_do_everything_everywhere()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await installation.WorkspaceAsync();
        var admin = await installation.UserAsync(user => user.IsSiteAdmin = true);

        var standing = await StandingOf(installation, Principal.Of(admin));

        Assert.Equal(OrganizationRight.All, standing.In(workspace.OrganizationId));
        Assert.Equal(WorkspaceRight.All, standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));
    }

    [Theory, EachDatabase]
    public async Task A_site_admin_without_a_second_factor_may_everything_but_in_organisations_that_ask_for_one(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (open, closed) = (await installation.WorkspaceAsync(), await installation.WorkspaceAsync());
        var admin = await installation.UserAsync(user => user.IsSiteAdmin = true);
        await using var db = installation.Open();
        await db.Organizations.Where(row => row.Id == closed.OrganizationId).ExecuteUpdateAsync(set => set.SetProperty(row => row.RequiresTwoFactor, true));

        var standing = await StandingOf(installation, Principal.Of(admin));

        Assert.False(standing.IsEverywhere);
        Assert.Equal(OrganizationRight.All, standing.In(open.OrganizationId));
        Assert.Equal(WorkspaceRight.All, standing.In(open.OrganizationId, open.ProjectId, open.Id));
        Assert.Equal(OrganizationRight.None, standing.In(closed.OrganizationId));
        Assert.Equal(WorkspaceRight.None, standing.In(closed.OrganizationId, closed.ProjectId, closed.Id));
        Assert.Equal(0, (await installation.Get<Standings>().GroundsAsync(admin, CancellationToken.None))
            .Sum(ground => (int)ground.In(closed.OrganizationId, closed.ProjectId, closed.Id)));
        // The installation's own token is no person's, and opens what nobody else can any more.
        Assert.True((await StandingOf(installation, Principal.Of(admin) with { HoldsKey = true })).IsEverywhere);
        db.SignInFactors.Add(new SignInFactors { UserId = admin.Id, ProtectedTimeCodeKey = [1], TimeCodeSince = Installation.Start });
        await db.SaveChangesAsync();
        await installation.Get<AccessCache>().ForgetAsync();
        Assert.True((await StandingOf(installation, Principal.Of(admin))).IsEverywhere);
    }

    private static ValueTask<Standing> StandingOf(Installation installation, Principal principal) =>
        installation.Get<Standings>().OfAsync(principal, null, CancellationToken.None);
}
