using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>The pages by which teams are made, filled and given rights. <see cref="RouteRightsTests"/> has who gets in.</summary>
public sealed partial class TeamPageTests
{
    [Fact]
    public async Task A_team_is_made_filled_given_rights_and_deleted_on_its_pages()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var person = await platform.AccountAsync();
        await platform.JoinAsync(person, await platform.TeamAsync(workspace.Organization));
        using var browser = await Browser.SignedInAsync(platform);
        var list = $"/app/{workspace.Organization}/settings/teams";

        Assert.Contains("A name has 1 to 90", await browser.RefusalAsync(list, "new-team", ("Form.Name", " / ")), StringComparison.Ordinal);
        Assert.Contains("already been taken", await browser.RefusalAsync(list, "new-team", ("Form.Name", "Owners")), StringComparison.Ordinal);
        var page = (await browser.ForgeAsync(list, ("_handler", "new-team"), ("Form.Name", "network"), ("Form.Visibility", "organization"))).Expect(302).Headers.Location!.ToString();
        Assert.Contains("network was made", (await browser.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);

        // Whom nobody knows is not added, whoever belongs to the organisation is, by their name however it is spelled.
        (await browser.ForgeAsync(page + "/add-member", ("who", "nobody-of-that-name"))).Expect(302);
        Assert.Contains("Nobody named &#x27;nobody-of-that-name&#x27; belongs to the organization", (await browser.GetAsync(page)).Text, StringComparison.Ordinal);
        (await browser.ForgeAsync(page + "/add-member", ("who", person.Username.ToUpperInvariant()))).Expect(302);
        var filled = (await browser.GetAsync(page)).Expect(200);
        Assert.Contains($"{list[..^"teams".Length]}members/{person.Id}", filled.Text, StringComparison.Ordinal);

        (await browser.ForgeAsync(page, ("_handler", "rights"), ("Given.Sent", "true"), ("Given.Rights", "manage-vcs-settings"), ("Given.Rights", "read-projects"))).Expect(302);
        var team = await TeamAsync(platform, page);
        Assert.Equal(new TeamOrganizationAccess { ManageVcsSettings = true, ReadProjects = true }, team.OrganizationAccess);
        Assert.Contains("Manage version control", (await browser.GetAsync(list)).Text, StringComparison.Ordinal);
        // A form without a tick takes all away.
        (await browser.ForgeAsync(page, ("_handler", "rights"), ("Given.Sent", "true"))).Expect(302);
        Assert.Equal(new TeamOrganizationAccess(), (await TeamAsync(platform, page)).OrganizationAccess);

        Assert.Contains("The visibility is", await browser.RefusalAsync(page, "team", ("Form.Name", "net"), ("Form.Visibility", "loud")), StringComparison.Ordinal);
        (await browser.ForgeAsync(page, ("_handler", "team"), ("Form.Name", "net"), ("Form.Visibility", "secret"), ("Form.SsoTeamId", "grp-7"))).Expect(302);
        team = await TeamAsync(platform, page);
        Assert.Equal(("net", TeamVisibility.Secret, "grp-7", false), (team.Name, team.Visibility, team.SsoTeamId, team.AllowMemberTokenManagement));

        var issued = (await browser.ForgeAsync(page, ("_handler", "token"), ("Token.Description", "pipeline"), ("Token.Days", "30"))).Expect(200);
        var token = Token().Match(issued.Text).Value;
        using var program = new ApiClient(platform.Address, token);
        (await program.GetAsync("account/details")).Expect(200);
        Assert.DoesNotContain(token, (await browser.GetAsync(page)).Text, StringComparison.Ordinal);
        Assert.Contains("has a token with that description", await browser.RefusalAsync(page, "token", ("Token.Description", "pipeline")), StringComparison.Ordinal);
        Assert.Contains("Choose one of the times", await browser.RefusalAsync(page, "token", ("Token.Days", "31")), StringComparison.Ordinal);
        var shown = (await browser.GetAsync(page)).Expect(200);
        (await browser.SubmitAsync(shown, Revocation().Match(shown.Text).Groups["action"].Value)).Expect(302);
        (await program.GetAsync("account/details")).Expect(401);

        (await browser.SubmitAsync(shown, Removal().Match(shown.Text).Groups["action"].Value)).Expect(302);
        Assert.Contains("Nobody yet", (await browser.GetAsync(page)).Text, StringComparison.Ordinal);
        (await browser.ForgeAsync(page + "/delete", ("name", "network"))).Expect(302);
        Assert.Contains("That is not its name. Nothing was deleted", (await browser.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        (await browser.ForgeAsync(page + "/delete", ("name", "net"))).Expect(302);
        (await browser.GetAsync(page)).Expect(404);
    }

    [Fact]
    public async Task Nobody_gives_rights_that_they_do_not_have_and_no_page_shows_what_is_secret()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (mine, theirs) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        var managers = await platform.TeamAsync(mine.Organization, team => team.OrganizationAccess = new TeamOrganizationAccess { ManageOrganizationAccess = true });
        var (open, secret) = (
            await platform.TeamAsync(mine.Organization, team => team.Visibility = TeamVisibility.Organization), await platform.TeamAsync(mine.Organization));
        var elsewhere = await platform.TeamAsync(theirs.Organization);
        var (manager, member) = (await platform.AccountAsync(), await platform.AccountAsync());
        await platform.JoinAsync(manager, managers);
        await platform.JoinAsync(member, open);
        using var managing = await Browser.SignedInAsync(platform, manager.Id);
        using var reading = await Browser.SignedInAsync(platform, member.Id);
        var list = $"/app/{mine.Organization}/settings/teams";

        Assert.Contains("You may not give these rights", await managing.RefusalAsync($"{list}/{open.Id}", "rights", ("Given.Sent", "true"), ("Given.Rights", "manage-projects")), StringComparison.Ordinal);
        (await managing.ForgeAsync($"{list}/{open.Id}", ("_handler", "rights"), ("Given.Sent", "true"), ("Given.Rights", "manage-membership"))).Expect(302);
        Assert.True((await TeamAsync(platform, $"{list}/{open.Id}")).OrganizationAccess.ManageMembership);

        var seen = (await reading.GetAsync(list)).Expect(200).Text;
        Assert.Contains(open.Name, seen, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Name, seen, StringComparison.Ordinal);
        Assert.DoesNotContain("Create team", seen, StringComparison.Ordinal);
        var page = (await reading.GetAsync($"{list}/{open.Id}")).Expect(200).Text;
        Assert.DoesNotContain("Save rights", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/delete\"", page, StringComparison.Ordinal);
        (await reading.GetAsync($"{list}/{secret.Id}")).Expect(404);
        (await managing.GetAsync($"{list}/{elsewhere.Id}")).Expect(404);
        (await managing.ForgeAsync($"{list}/{elsewhere.Id}/delete", ("name", elsewhere.Name))).Expect(404);

        // The owners stay owners: neither their team nor the last of them goes.
        using var owner = await Browser.SignedInAsync(platform);
        var owners = await platform.OwnersAsync(mine.Organization);
        (await owner.ForgeAsync($"{list}/{owners.Id}/delete", ("name", "owners"))).Expect(404);
        await using var db = platform.Open();
        var last = await db.TeamMembers.Where(row => row.TeamId == owners.Id).Select(row => row.MembershipId).SingleAsync(TestContext.Current.CancellationToken);
        (await owner.ForgeAsync($"{list}/{owners.Id}/members/{last}/remove")).Expect(302);
        Assert.Contains("An organization has an owner", (await owner.GetAsync($"{list}/{owners.Id}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_is_shown_with_their_teams_and_removed_from_the_organization()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (mine, theirs) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        var team = await platform.TeamAsync(mine.Organization);
        var (person, stranger) = (await platform.AccountAsync(), await platform.AccountAsync());
        await platform.JoinAsync(person, team);
        await platform.JoinAsync(stranger, await platform.TeamAsync(theirs.Organization));
        using var browser = await Browser.SignedInAsync(platform);
        var address = $"/app/{mine.Organization}/settings/members";
        await using var db = platform.Open();
        var memberships = await db.OrganizationMemberships.Where(row => row.UserId == person.Id || row.UserId == stranger.Id)
            .ToDictionaryAsync(row => row.UserId!.Value, row => row.Id, TestContext.Current.CancellationToken);

        var page = (await browser.GetAsync(address)).Expect(200);
        Assert.Contains(team.Name, page.Text, StringComparison.Ordinal);
        (await browser.ForgeAsync($"{address}/{memberships[stranger.Id]}/remove")).Expect(404);
        (await browser.SubmitAsync(page, $"{address}/{memberships[person.Id]}/remove")).Expect(302);

        Assert.Contains($"{person.Username} does not belong to {mine.Organization} any more", (await browser.GetAsync(address)).Text, StringComparison.Ordinal);
        Assert.Equal([stranger.Id], await db.OrganizationMemberships.Where(row => row.UserId == person.Id || row.UserId == stranger.Id)
            .Select(row => row.UserId!.Value).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_workspaces_access_is_given_changed_taken_and_explained()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization, team => team.Visibility = TeamVisibility.Organization);
        var (person, idle) = (await platform.AccountAsync(), await platform.AccountAsync());
        await platform.JoinAsync(person, team);
        await platform.JoinAsync(idle, await platform.TeamAsync(workspace.Organization));
        using var browser = await Browser.SignedInAsync(platform);
        var page = $"/app/{workspace.Organization}/workspaces/{workspace.Name}/access";

        var empty = (await browser.GetAsync(page)).Expect(200).Text;
        Assert.Contains("No team has access to this workspace alone", empty, StringComparison.Ordinal);
        Assert.Contains("Choose one of the organization", await browser.RefusalAsync(page, "access", ("Form.Team", (await platform.OwnersAsync(workspace.Organization)).Id.Value), ("Form.Level", "read")), StringComparison.Ordinal);
        Assert.Contains("Choose one of the levels", await browser.RefusalAsync(page, "access", ("Form.Team", team.Id.Value), ("Form.Level", "godlike")), StringComparison.Ordinal);
        (await browser.ForgeAsync(page, ("_handler", "access"), ("Form.Team", team.Id.Value), ("Form.Level", "custom"),
            ("Form.Grant.Runs", "plan"), ("Form.Grant.Variables", "none"), ("Form.Grant.State", "read_outputs"), ("Form.Grant.Locking", "true"))).Expect(302);
        await using var db = platform.Open();
        var given = await db.TeamWorkspaceAccesses.AsNoTracking().SingleAsync(row => row.TeamId == team.Id, TestContext.Current.CancellationToken);
        Assert.Equal(
            new WorkspaceGrant { Runs = RunGrant.Plan, StateVersions = StateGrant.ReadOutputs, Locking = true, WithholdsCredentials = true }, given.Grant);
        var listed = (await browser.GetAsync(page)).Expect(200);
        Assert.Contains("runs: start plans, variables: nothing, state: read outputs, locks, its runs get no credentials", listed.Text, StringComparison.Ordinal);

        // Why can she? By each way, with its reason.
        await platform.GiveAsync(team, new ProjectId((await workspace.ReadAsync()).RelatedId("project")), ProjectAccessLevel.Write);
        var why = (await browser.GetAsync($"{page}?member={person.Username}")).Expect(200).Text;
        Assert.Contains($"{team.Name} has custom access to the workspace", Row(why, "Runs: read, plan"), StringComparison.Ordinal);
        Assert.Contains($"{team.Name} has write access to the project", Row(why, "Runs: apply"), StringComparison.Ordinal);
        Assert.DoesNotContain("custom access", Row(why, "Runs: apply"), StringComparison.Ordinal);
        Assert.Contains($"{idle.Username} may do nothing here", (await browser.GetAsync($"{page}?member={idle.Username}")).Text, StringComparison.Ordinal);
        Assert.Contains("Nobody named", (await browser.GetAsync($"{page}?member=nobody-0")).Text, StringComparison.Ordinal);

        // The member herself sees who else reaches it, and may neither change that nor ask about colleagues.
        using var member = await Browser.SignedInAsync(platform, person.Id);
        var seen = (await member.GetAsync($"{page}?member={idle.Username}")).Expect(200).Text;
        Assert.DoesNotContain("Why can she", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("Give access", seen, StringComparison.Ordinal);

        (await browser.ForgeAsync(page, ("_handler", "access"), ("Form.Team", team.Id.Value), ("Form.Level", "read"))).Expect(302);
        Assert.Equal(WorkspaceAccessLevel.Read, (await db.TeamWorkspaceAccesses.AsNoTracking().SingleAsync(row => row.TeamId == team.Id, TestContext.Current.CancellationToken)).Level);
        (await browser.SubmitAsync(listed, $"/app/{workspace.Organization}/{workspace.Name}/access/{given.Id}/remove")).Expect(302);
        Assert.Empty(await db.TeamWorkspaceAccesses.Where(row => row.TeamId == team.Id).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_projects_access_is_given_and_its_workspaces_moved_by_those_who_may()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = new ProjectId((await workspace.ReadAsync()).RelatedId("project"));
        var other = (await platform.Api.PostAsync($"organizations/{workspace.Organization}/projects",
            ApiClient.Document("projects", new System.Text.Json.Nodes.JsonObject { ["name"] = "other" }))).Expect(201).Id;
        var (team, keepers) = (await platform.TeamAsync(workspace.Organization), await platform.TeamAsync(workspace.Organization));
        var keeper = await platform.AccountAsync();
        await platform.JoinAsync(keeper, keepers);
        using var browser = await Browser.SignedInAsync(platform);
        var page = $"/app/{workspace.Organization}/settings/projects/{project}";

        // Somebody who keeps the project's teams and nothing else gives nobody more.
        (await browser.ForgeAsync(page, ("_handler", "access"), ("Form.Team", keepers.Id.Value), ("Form.Level", "custom"), ("Form.Grant.Teams", "manage"), ("Form.Grant.Move", "true"))).Expect(302);
        using var keeping = await Browser.SignedInAsync(platform, keeper.Id);
        (await keeping.GetAsync(page)).Expect(200);
        Assert.Contains("You may not give rights that you do not have", await keeping.RefusalAsync(page, "access", ("Form.Team", keepers.Id.Value), ("Form.Level", "admin")), StringComparison.Ordinal);
        Assert.Contains("that you may move workspaces to", await keeping.RefusalAsync(page, "move", ("Moved.Project", other), ("Moved.Workspaces", workspace.Id)), StringComparison.Ordinal);

        (await browser.ForgeAsync(page, ("_handler", "access"), ("Form.Team", team.Id.Value), ("Form.Level", "maintain"))).Expect(302);
        Assert.Contains("Tick the workspaces", await browser.RefusalAsync(page, "move", ("Moved.Project", other)), StringComparison.Ordinal);
        (await browser.ForgeAsync(page, ("_handler", "move"), ("Moved.Project", other), ("Moved.Workspaces", workspace.Id))).Expect(302);
        Assert.Equal(other, (await workspace.ReadAsync()).RelatedId("project"));
        var listed = (await browser.GetAsync(page)).Expect(200);
        Assert.Contains(team.Name, listed.Text, StringComparison.Ordinal);
        await using var db = platform.Open();
        var access = await db.TeamProjectAccesses.AsNoTracking().SingleAsync(row => row.TeamId == team.Id, TestContext.Current.CancellationToken);
        Assert.Equal(ProjectAccessLevel.Maintain, access.Level);
        // Through its own project alone.
        (await browser.ForgeAsync($"/app/{workspace.Organization}/settings/projects/{other}/access/{access.Id}/remove")).Expect(302);
        Assert.True(await db.TeamProjectAccesses.AnyAsync(row => row.Id == access.Id, TestContext.Current.CancellationToken));
        (await browser.SubmitAsync(listed, $"{page}/access/{access.Id}/remove")).Expect(302);
        Assert.False(await db.TeamProjectAccesses.AnyAsync(row => row.Id == access.Id, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_table_of_permissions_says_what_teams_and_members_may_and_leads_to_why()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var beside = await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        var team = await platform.TeamAsync(workspace.Organization, team => team.OrganizationAccess = new TeamOrganizationAccess { ManageTeams = true });
        var person = await platform.AccountAsync();
        await platform.JoinAsync(person, team);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Plan);
        using var browser = await Browser.SignedInAsync(platform);
        var page = $"/app/{workspace.Organization}/settings/permissions";

        var table = (await browser.GetAsync(page)).Expect(200).Text;
        Assert.Contains("teams and members", Row(table, team.Name), StringComparison.Ordinal);
        Assert.Contains("everything", Row(table, "owners"), StringComparison.Ordinal);
        var row = Row(table, person.Username);
        Assert.Contains($"{workspace.Name}\" aria-label=\"plan: why", row, StringComparison.Ordinal);
        Assert.DoesNotContain($"{beside.Name}\" aria-label", row, StringComparison.Ordinal);
        var filtered = (await browser.GetAsync($"{page}?q={beside.Name}")).Expect(200).Text;
        Assert.DoesNotContain("aria-label=\"plan: why", filtered, StringComparison.Ordinal);

        var why = (await browser.GetAsync($"/app/{workspace.Organization}/settings/members/{person.Id}?workspace={workspace.Name}")).Expect(200).Text;
        Assert.Contains($"{team.Name} has plan access to the workspace", why, StringComparison.Ordinal);
    }

    private static string Row(string page, string head) => page.Split("<tr").First(row => Head().Replace(row, "").Contains($">{head}<", StringComparison.Ordinal));

    private static async Task<Team> TeamAsync(Platform platform, string page)
    {
        var id = new TeamId(page.Split('/')[^1]);
        await using var db = platform.Open();
        return await db.Teams.AsNoTracking().SingleAsync(team => team.Id == id, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{67}")]
    private static partial Regex Token();

    [GeneratedRegex("action=\"(?<action>[^\"]*/revoke)\"")]
    private static partial Regex Revocation();

    [GeneratedRegex("action=\"(?<action>[^\"]*/members/[^\"]*/remove)\"")]
    private static partial Regex Removal();

    [GeneratedRegex(@"(?<=>)\s+|\s+(?=<)")]
    private static partial Regex Head();
}
