using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>What pages show to whom, and what their forms take from whom. <see cref="RouteRightsTests"/> has who gets in.</summary>
public sealed class PageTests
{
    [Theory, EachDatabase]
    public async Task Lists_hold_only_what_somebody_may_see(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mine = await TestWorkspace.CreateAsync(platform.Api);
        var beside = await TestWorkspace.CreateAsync(platform.Api, organization: mine.Organization);
        var theirs = await TestWorkspace.CreateAsync(platform.Api);
        var hidden = TestWorkspace.NewName("project");
        (await platform.Api.PostAsync($"organizations/{mine.Organization}/projects", ApiClient.Document("projects", new JsonObject { ["name"] = hidden }))).Expect(201);
        using var browser = await platform.SignedInAsync(WorkspaceAccessLevel.Read, mine);

        var home = (await browser.GetAsync("/")).Expect(200).Text;
        var organization = (await browser.GetAsync($"/app/{mine.Organization}")).Expect(200).Text;
        var projects = (await browser.GetAsync($"/app/{mine.Organization}/settings/projects")).Expect(200).Text;

        foreach (var page in new[] { home, organization })
        {
            Assert.Contains(mine.Name, page, StringComparison.Ordinal);
            Assert.DoesNotContain(beside.Name, page, StringComparison.Ordinal);
            Assert.DoesNotContain(theirs.Name, page, StringComparison.Ordinal);
            Assert.DoesNotContain(theirs.Organization, page, StringComparison.Ordinal);
        }
        Assert.Contains(Names.DefaultProject, projects, StringComparison.Ordinal);
        Assert.DoesNotContain(hidden, projects, StringComparison.Ordinal);
        (await browser.GetAsync($"/app/{theirs.Organization}")).Expect(404);
        (await browser.GetAsync($"/app/{mine.Organization}/{beside.Name}")).Expect(404);
        using var admin = await Browser.SignedInAsync(platform);
        Assert.Contains(hidden, (await admin.GetAsync($"/app/{mine.Organization}/settings/projects")).Expect(200).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WorkspaceAccessLevel.Read, "", "start-run /configuration /lock variable /variables/ settings rename credential-policy")]
    [InlineData(WorkspaceAccessLevel.Plan, "start-run /configuration", "/lock variable /variables/ settings rename credential-policy Form.AutoApply")]
    [InlineData(WorkspaceAccessLevel.Write, "start-run /configuration /lock variable /variables/ Form.AutoApply", "settings rename credential-policy")]
    [InlineData(WorkspaceAccessLevel.Admin, "start-run /configuration /lock variable /variables/ settings rename credential-policy", "")]
    public async Task Buttons_are_shown_to_those_who_may_press_them(WorkspaceAccessLevel level, string shown, string hidden)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("key", "value");
        using var browser = await platform.SignedInAsync(level, workspace);
        var address = $"/app/{workspace.Organization}/{workspace.Name}";
        var pages = "";
        foreach (var part in new[] { "", "/variables", "/settings", "/credentials" })
        {
            pages += (await browser.GetAsync(address + part)).Expect(200).Text;
        }

        Assert.All(shown.Split(' ', StringSplitOptions.RemoveEmptyEntries), name => Assert.True(Has(name), $"{level} is not shown {name}"));
        Assert.All(hidden.Split(' ', StringSplitOptions.RemoveEmptyEntries), name => Assert.False(Has(name), $"{level} is shown {name}"));

        // A form that its page handles by its button, as the whole form of settings may be there to be read.
        bool Has(string name) => name switch
        {
            "settings" => pages.Contains("Save settings", StringComparison.Ordinal),
            "credential-policy" => pages.Contains("Save policy", StringComparison.Ordinal),
            _ when name.StartsWith('/') => pages.Contains($"action=\"{address}{name}", StringComparison.Ordinal),
            _ when name.StartsWith("Form.", StringComparison.Ordinal) => pages.Contains($"name=\"{name}\"", StringComparison.Ordinal)
                && pages.Split("</form>").Any(form => form.Contains("value=\"start-run\"", StringComparison.Ordinal) && form.Contains(name, StringComparison.Ordinal)),
            _ => pages.Contains($"name=\"_handler\" value=\"{name}\"", StringComparison.Ordinal),
        };
    }

    [Fact]
    public async Task A_run_is_acted_on_through_its_own_workspace_alone()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (mine, theirs) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        await theirs.UploadAsync("resource \"terraform_data\" \"one\" {}");
        var run = await theirs.StartAsync();
        await run.ReachAsync("planned");
        using var browser = await platform.SignedInAsync(WorkspaceAccessLevel.Admin, mine);
        foreach (var action in new[] { "confirm", "discard", "cancel", "force-cancel" })
        {
            var address = $"/app/{mine.Organization}/{mine.Name}/runs/{run.Id}/{action}";
            (await browser.ForgeAsync(address)).Expect(404);
        }
        (await browser.GetAsync($"/app/{mine.Organization}/{mine.Name}/runs/{run.Id}")).Expect(404);
        Assert.Equal("planned", await run.StatusAsync());
    }

    [Fact]
    public async Task A_set_is_changed_through_its_own_organization_alone()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (mine, theirs) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        var set = await platform.Api.CreateSetAsync(theirs.Organization, "set", null);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, await platform.OwnersAsync(mine.Organization));
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        var address = $"/app/{mine.Organization}/settings/variable-sets/{set}";

        (await browser.GetAsync(address)).Expect(404);
        (await browser.ForgeAsync(address + "/delete")).Expect(404);

        (await platform.Api.GetAsync($"varsets/{set}")).Expect(200);
    }

    [Fact]
    public async Task Whoever_may_only_plan_stops_no_apply_and_plans_to_destroy_without_applying()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("resource \"terraform_data\" \"one\" {}");
        using var browser = await platform.SignedInAsync(WorkspaceAccessLevel.Plan, workspace);
        var address = $"/app/{workspace.Organization}/{workspace.Name}";
        var page = (await browser.GetAsync(address)).Expect(200);

        var refused = (await browser.SubmitAsync(page, address, ("Form.IsDestroy", "true"))).Expect(200);
        Assert.Contains("You may not apply here", refused.Text, StringComparison.Ordinal);
        // The box that the page does not show.
        var started = (await browser.SubmitAsync(page, address, ("Form.AutoApply", "true"))).Expect(302);

        var run = Assert.Single(await workspace.RunsAsync());
        Assert.EndsWith(run.Id, started.Headers.Location!.ToString(), StringComparison.Ordinal);
        await run.ReachAsync("planned");
        await using var db = platform.Open();
        await db.Runs.Where(row => row.Id == new RunId(run.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, Orchestrator.Runs.RunStatus.ApplyQueued));
        (await browser.ForgeAsync($"{address}/runs/{run.Id}/cancel")).Expect(404);
        await db.Runs.Where(row => row.Id == new RunId(run.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, Orchestrator.Runs.RunStatus.Planned));
        await run.ActAsync("discard");
    }

    [Fact]
    public async Task A_workspace_is_made_where_somebody_may_make_one()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await platform.Api.PostAsync(
            $"organizations/{workspace.Organization}/projects", ApiClient.Document("projects", new JsonObject { ["name"] = "maintained" }))).Expect(201).Id;
        var team = await platform.TeamAsync(workspace.Organization);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        await platform.GiveAsync(team, new ProjectId(project), ProjectAccessLevel.Maintain);
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        var page = (await browser.GetAsync("/workspaces/new")).Expect(200);
        Assert.Contains(project, page.Text, StringComparison.Ordinal);
        var elsewhere = (await workspace.ReadAsync()).RelatedId("project");
        Assert.DoesNotContain(elsewhere, page.Text, StringComparison.Ordinal);

        var refused = (await browser.SubmitAsync(page, "/workspaces/new", ("Form.Project", elsewhere), ("Form.Name", "network"))).Expect(200);
        Assert.Contains("Choose one of the projects", refused.Text, StringComparison.Ordinal);
        (await browser.SubmitAsync(page, "/workspaces/new", ("Form.Project", project), ("Form.Name", "network"))).Expect(302);

        Assert.Equal(project, (await platform.Api.GetAsync($"organizations/{workspace.Organization}/workspaces/network")).Expect(200).RelatedId("project"));
    }

    [Fact]
    public async Task A_stream_ends_when_its_reader_may_not_read_on()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("resource \"terraform_data\" \"one\" {}");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        var team = await platform.TeamAsync(workspace.Organization);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Read);
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        using var stream = await browser.FollowAsync($"/app/events/runs/{run.Id}");
        Assert.Contains("changed", await stream.ReadToAsync("planned"), StringComparison.Ordinal);

        await platform.LeaveAsync(user, team);
        (await run.ActAsync("discard")).Expect(202);

        Assert.DoesNotContain("discarded", await stream.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(404, await browser.LookAsync($"/app/events/runs/{run.Id}"));
    }

    [Theory]
    [InlineData("signed out")]
    [InlineData("ended elsewhere")]
    [InlineData("no right any more")]
    public async Task A_stream_ends_with_its_readers_session(string how)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("resource \"terraform_data\" \"one\" {}");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        var user = await platform.AccountAsync(user => user.IsSiteAdmin = true);
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        var page = (await browser.GetAsync("/app/settings/tokens")).Expect(200);
        using var stream = await browser.FollowAsync($"/app/events/runs/{run.Id}");
        using var log = await browser.FollowAsync($"/app/events/runs/{run.Id}/logs/apply");
        Assert.Contains("changed", await stream.ReadToAsync("planned"), StringComparison.Ordinal);
        await log.ReadToAsync("begin");

        if (how == "signed out")
        {
            (await browser.SubmitAsync(page, "/sign-out")).Expect(302);
        }
        else if (how == "ended elsewhere")
        {
            await platform.Get<Sessions>().EndAsync(all => all.Where(session => session.UserId == user.Id), CancellationToken.None);
        }
        else
        {
            await using var db = platform.Open();
            await db.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.IsSiteAdmin, false));
            await platform.Get<AccessCache>().ForgetAsync();
        }

        // Nothing happens to the run, and both end all the same.
        await Task.WhenAll(stream.ReadToEndAsync(), log.ReadToEndAsync());
    }

    [Theory, EachDatabase]
    public async Task The_api_says_what_gives_a_member_each_right_as_the_page_does(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        var readers = await platform.TeamAsync(workspace.Organization);
        var planners = await platform.TeamAsync(workspace.Organization);
        var (user, owner) = (await platform.AccountAsync(), await platform.AccountAsync());
        await platform.JoinAsync(user, readers);
        await platform.JoinAsync(user, planners);
        await platform.JoinAsync(owner, await platform.OwnersAsync(workspace.Organization));
        await platform.GiveAsync(readers, workspace, WorkspaceAccessLevel.Read);
        await platform.GiveAsync(planners, workspace, WorkspaceAccessLevel.Plan);
        using var owners = await platform.CallerAsync(owner);
        using var own = await platform.CallerAsync(user);
        await using var db = platform.Open();
        var membership = await db.OrganizationMemberships.Where(row => row.UserId == user.Id).Select(row => row.Id).FirstAsync();

        var answer = (await owners.GetAsync($"organization-memberships/{membership}/effective-access")).Expect(200);

        // Not the workspace that she does not see.
        var there = Assert.Single(answer.Json["data"]!.AsArray())!;
        Assert.Equal((workspace.Id, "effective-access"), (there["id"]!.GetValue<string>(), there["type"]!.GetValue<string>()));
        Assert.Equal(workspace.Name, there["attributes"]!["workspace-name"]!.GetValue<string>());
        var grounds = there["attributes"]!["grounds"]!.AsArray();
        Assert.Equal(
            [("workspace", readers.Name, "read", false), ("workspace", planners.Name, "plan", true)],
            grounds.Select(ground => (ground!["kind"]!.GetValue<string>(), ground["team-name"]!.GetValue<string>(), ground["access"]!.GetValue<string>(), Has(ground)))
                .OrderBy(ground => ground.Item4));
        Assert.True(Has(there["attributes"]!));
        (await own.GetAsync($"organization-memberships/{membership}/effective-access")).ExpectError(404);
        (await owners.GetAsync("organization-memberships/ou-0000000000000000/effective-access")).ExpectError(404);

        static bool Has(JsonNode node) => node["rights"]!.AsArray().Any(right => right!.GetValue<string>() == "queue_plan");
    }

    [Fact]
    public async Task A_members_page_says_what_gives_each_right()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var readers = await platform.TeamAsync(workspace.Organization);
        var planners = await platform.TeamAsync(workspace.Organization);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, readers);
        await platform.JoinAsync(user, planners);
        await platform.GiveAsync(readers, workspace, WorkspaceAccessLevel.Read);
        await platform.GiveAsync(planners, new ProjectId((await workspace.ReadAsync()).RelatedId("project")), ProjectAccessLevel.Write);
        using var owner = await Browser.SignedInAsync(platform);
        var address = $"/app/{workspace.Organization}/settings/members";

        var page = (await owner.GetAsync($"{address}/{user.Id}")).Expect(200).Text;

        Assert.Contains($"{planners.Name} has write access to the project {Names.DefaultProject}", page, StringComparison.Ordinal);
        Assert.Contains($"{readers.Name} has read access to the workspace", page, StringComparison.Ordinal);
        Assert.Matches(@"(?s)data-label=""Runs"">\s*apply\s*<span[^>]*>\(1\)", page);
        Assert.Matches(@"(?s)data-label=""Settings"">\s*read\s*<span[^>]*>\(1, 2\)", page);
        Assert.Contains($"{address}/{user.Id}", (await owner.GetAsync(address)).Expect(200).Text, StringComparison.Ordinal);
        (await owner.GetAsync($"{address}/{(await platform.AccountAsync()).Id}")).Expect(404);
    }

    /// <summary>The browser of a member whose team has this access to the workspace.</summary>
}
