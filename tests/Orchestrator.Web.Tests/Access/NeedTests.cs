using System.Text.Json.Nodes;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>That a route's rule is asked, about the right place, and at once.</summary>
public sealed class NeedTests
{
    [Fact]
    public async Task A_right_counts_where_it_was_given_and_nowhere_else()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await TestWorkspace.CreateAsync(platform.Api);
        var beside = await TestWorkspace.CreateAsync(platform.Api, organization: mine.Organization);
        var team = await platform.TeamAsync(mine.Organization);
        var member = await platform.AccountAsync();
        await platform.JoinAsync(member, team);
        await platform.GiveAsync(team, mine, WorkspaceAccessLevel.Read);
        using var caller = await platform.CallerAsync(member);
        using var program = await platform.CallerAsync(team);

        foreach (var client in new[] { caller, program })
        {
            (await client.GetAsync($"workspaces/{mine.Id}/credential-policy")).Expect(200);
            (await client.PatchAsync($"workspaces/{mine.Id}/credential-policy", Policy())).ExpectError(404);
            (await client.GetAsync($"workspaces/{beside.Id}/credential-policy")).ExpectError(404);
            (await client.GetAsync($"organizations/{mine.Organization}/credential-policy")).ExpectError(404);
        }
    }

    [Fact]
    public async Task Nobody_learns_what_there_is_from_how_they_are_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        var theirs = await TestWorkspace.CreateAsync(platform.Api);
        using var outsider = await platform.CallerAsync(await platform.AccountAsync());

        foreach (var path in new[] { "workspaces/{0}/credential-policy", "workspaces/{0}/credential-settings", "workspaces/{0}/credential-grants" })
        {
            var refused = (await outsider.GetAsync(string.Format(null, path, theirs.Id))).ExpectError(404);
            var missing = (await outsider.GetAsync(string.Format(null, path, "ws-0000000000000000"))).ExpectError(404);
            var malformed = (await outsider.GetAsync(string.Format(null, path, "nothing"))).ExpectError(404);
            Assert.Equal(missing.Text, refused.Text);
            Assert.Equal(missing.Text, malformed.Text);
        }
    }

    [Fact]
    public async Task A_right_that_is_taken_away_is_gone_at_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization);
        var member = await platform.AccountAsync();
        await platform.JoinAsync(member, team);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Admin);
        using var caller = await platform.CallerAsync(member);
        (await caller.PatchAsync($"workspaces/{workspace.Id}/credential-policy", Policy())).Expect(200);

        await platform.LeaveAsync(member, team);

        (await caller.PatchAsync($"workspaces/{workspace.Id}/credential-policy", Policy())).ExpectError(404);
        (await caller.GetAsync("ping")).Expect(204);
    }

    [Fact]
    public async Task Trying_an_applys_credentials_takes_the_right_to_apply()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Plan);
        using var planner = await platform.CallerAsync(team);
        var path = $"workspaces/{workspace.Id}/actions/try-credentials";

        (await planner.PostAsync(path, new JsonObject { ["phase"] = "plan" })).Expect(200);
        (await planner.PostAsync(path, new JsonObject { ["phase"] = "apply" })).ExpectError(404);
    }

    [Fact]
    public async Task What_concerns_the_installation_is_for_site_admins()
    {
        var platform = await SharedPlatforms.OfAsync();
        var owner = await platform.AccountAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await platform.JoinAsync(owner, await platform.OwnersAsync(workspace.Organization));
        using var caller = await platform.CallerAsync(owner);

        (await caller.PatchAsync($"organizations/{workspace.Organization}/credential-policy", Policy())).Expect(200);
        (await caller.PostAsync("admin/oidc-settings/actions/trim-key")).ExpectError(404);
    }

    private static JsonObject Policy() => ApiClient.Document("credential-policies", new JsonObject { ["read-only-plan"] = true });
}
