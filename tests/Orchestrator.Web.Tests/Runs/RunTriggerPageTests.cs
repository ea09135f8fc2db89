using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class RunTriggerPageTests
{
    [Fact]
    public async Task A_workspace_follows_another_on_its_page_and_each_of_them_says_so()
    {
        var platform = await SharedPlatforms.OfAsync();
        var network = await TestWorkspace.CreateAsync(platform.Api);
        var cluster = await TestWorkspace.CreateAsync(platform.Api, organization: network.Organization);
        var team = await platform.TeamAsync(network.Organization);
        var person = await platform.AccountAsync();
        await platform.JoinAsync(person, team);
        await platform.GiveAsync(team, cluster, WorkspaceAccessLevel.Admin);
        using var owner = await Browser.SignedInAsync(platform);
        using var admin = await Browser.SignedInAsync(platform, person.Id);
        var (page, other) = ($"/app/{network.Organization}/workspaces/{cluster.Name}/triggers", $"/app/{network.Organization}/workspaces/{network.Name}/triggers");

        Assert.Contains("None yet.", (await admin.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        // What one may not see is none.
        Assert.Contains($"no workspace &#x27;{network.Name}&#x27;", await FollowAsync(admin, page, network.Name, 200), StringComparison.Ordinal);
        await platform.GiveAsync(team, network, WorkspaceAccessLevel.Read);
        await FollowAsync(admin, page, network.Name, 302);
        Assert.Contains("follows that one already", await FollowAsync(admin, page, network.Name, 200), StringComparison.Ordinal);
        Assert.Contains("In a circle", await FollowAsync(owner, other, cluster.Name, 200), StringComparison.Ordinal);

        await using var db = platform.Open();
        var trigger = await db.RunTriggers.AsNoTracking().SingleAsync(row => row.WorkspaceId == new WorkspaceId(cluster.Id), TestContext.Current.CancellationToken);
        Assert.Equal(network.Id, trigger.SourceableId.Value);
        var followed = (await admin.GetAsync(other)).Expect(200).Text;
        Assert.Contains(cluster.Name, followed, StringComparison.Ordinal);
        Assert.DoesNotContain("Follow it", followed, StringComparison.Ordinal);
        // Through the follower's own page alone.
        (await owner.ForgeAsync($"/app/{network.Organization}/{network.Name}/triggers/{trigger.Id}/delete")).Expect(302);
        Assert.True(await db.RunTriggers.AnyAsync(row => row.Id == trigger.Id, TestContext.Current.CancellationToken));

        (await admin.ForgeAsync(page, ("_handler", "auto-apply"), ("Auto.Sent", "true"), ("Auto.Applies", "true"))).Expect(302);
        Assert.True((await cluster.ReadAsync()).Attributes["auto-apply-run-trigger"]!.GetValue<bool>());
        (await admin.ForgeAsync(page, ("_handler", "auto-apply"), ("Auto.Sent", "true"))).Expect(302);
        Assert.False((await cluster.ReadAsync()).Attributes["auto-apply-run-trigger"]!.GetValue<bool>());
        (await admin.SubmitAsync((await admin.GetAsync(page)).Expect(200), $"/app/{network.Organization}/{cluster.Name}/triggers/{trigger.Id}/delete")).Expect(302);
        Assert.False(await db.RunTriggers.AnyAsync(row => row.Id == trigger.Id, TestContext.Current.CancellationToken));
    }

    private static async Task<string> FollowAsync(Browser browser, string page, string source, int status) =>
        (await browser.ForgeAsync(page, ("_handler", "follow"), ("Form.Source", source))).Expect(status).Text;
}
