using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Organizations;

/// <summary>An organisation's own pages: its settings, and its agent pools.</summary>
public sealed partial class OrganizationPageTests
{
    [Fact]
    public async Task An_organization_is_changed_given_a_token_and_deleted_on_its_page()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var person = await platform.AccountAsync();
        await platform.JoinAsync(person, await platform.OwnersAsync(workspace.Organization));
        using var owner = await Browser.SignedInAsync(platform, person.Id);
        var page = $"/app/{workspace.Organization}/settings/general";

        Assert.Contains("A name has 1 to 40", await owner.RefusalAsync(page, "organization", ("Form.Name", "no spaces")), StringComparison.Ordinal);
        Assert.Contains("this would lock you out", await owner.RefusalAsync(page, "organization", ("Form.Name", workspace.Organization), ("Form.RequiresTwoFactor", "true")), StringComparison.Ordinal);
        var renamed = TestWorkspace.NewName("renamed");
        var moved = (await owner.ForgeAsync(page, ("_handler", "organization"), ("Form.Name", renamed), ("Form.Email", "ops@example.com"), ("Form.Execution", "local"), ("Form.AllowForceDelete", "true"))).Expect(302).Headers.Location!.ToString();
        Assert.EndsWith($"/app/{renamed}/settings/general", moved, StringComparison.Ordinal);
        await using var db = platform.Open();
        var saved = await db.Organizations.AsNoTracking().SingleAsync(row => row.Name == renamed, TestContext.Current.CancellationToken);
        Assert.Equal(("ops@example.com", ExecutionMode.Local, true, false), (saved.Email, saved.DefaultExecutionMode, saved.AllowForceDeleteWorkspaces, saved.RequiresTwoFactor));

        Assert.Contains("from 1 to 36500", await owner.RefusalAsync(moved, "retention", ("Retention.IsOwn", "true"), ("Retention.LogsDays", "0")), StringComparison.Ordinal);
        Assert.DoesNotContain("Would go now", (await owner.GetAsync(moved)).Text, StringComparison.Ordinal);
        (await owner.ForgeAsync(moved, ("_handler", "retention"), ("Retention.IsOwn", "true"), ("Retention.LogsDays", "30"), ("Retention.StatesCount", "10"))).Expect(302);
        Assert.Equal(
            [(RetainedKind.Logs, 30, null), (RetainedKind.Plans, null, null), (RetainedKind.Configurations, null, null), (RetainedKind.States, null, 10)],
            (await db.RetentionRules.Where(rule => rule.OrganizationId == saved.Id).ToListAsync(TestContext.Current.CancellationToken)).OrderBy(rule => rule.Kind).Select(rule => (rule.Kind, rule.Days, rule.Count)));
        Assert.Contains("Would go now", (await owner.GetAsync($"{moved}?dry-run=true")).Expect(200).Text, StringComparison.Ordinal);
        (await owner.ForgeAsync(moved, ("_handler", "retention"), ("Retention.LogsDays", "30"))).Expect(302);
        Assert.False(await db.RetentionRules.AnyAsync(rule => rule.OrganizationId == saved.Id, TestContext.Current.CancellationToken));
        // What is the installation's to say, an owner's form cannot.
        (await owner.ForgeAsync(moved, ("_handler", "organization"), ("Form.Name", renamed), ("Form.MaxConcurrentRuns", "99"))).Expect(302);
        using var admin = await Browser.SignedInAsync(platform);
        Assert.Contains("is a number from 1", await admin.RefusalAsync(moved, "organization", ("Form.Name", renamed), ("Form.MaxConcurrentRuns", "many")), StringComparison.Ordinal);
        Assert.Null((await db.Organizations.AsNoTracking().SingleAsync(row => row.Name == renamed, TestContext.Current.CancellationToken)).MaxConcurrentRuns);
        (await admin.ForgeAsync(moved, ("_handler", "organization"), ("Form.Name", renamed), ("Form.MaxConcurrentRuns", "3"))).Expect(302);
        Assert.Contains("At most 3 runs of this organization are carried out at once", (await owner.GetAsync($"/app/{renamed}/settings/queue")).Expect(200).Text, StringComparison.Ordinal);

        var issued = (await owner.ForgeAsync(moved, ("_handler", "token"), ("Token.Days", "30"))).Expect(200);
        using var program = new ApiClient(platform.Address, Token().Match(issued.Text).Value);
        (await program.GetAsync($"organizations/{renamed}")).Expect(200);
        Assert.Contains("Choose one of the times", await owner.RefusalAsync(moved, "token", ("Token.Days", "1")), StringComparison.Ordinal);
        (await owner.SubmitAsync((await owner.GetAsync(moved)).Expect(200), $"/app/{renamed}/settings/general/revoke-token")).Expect(302);
        (await program.GetAsync($"organizations/{renamed}")).Expect(401);

        (await owner.ForgeAsync($"/app/{renamed}/settings/general/delete", ("name", workspace.Organization))).Expect(302);
        Assert.Contains("That is not its name. Nothing was deleted", (await owner.GetAsync(moved)).Text, StringComparison.Ordinal);
        (await owner.ForgeAsync($"/app/{renamed}/settings/general/delete", ("name", renamed))).Expect(302);
        Assert.False(await db.Organizations.AnyAsync(row => row.Name == renamed, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_pool_is_made_scoped_watched_and_deleted_on_its_page()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, elsewhere) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        var person = await platform.AccountAsync();
        await platform.JoinAsync(person, await platform.TeamAsync(workspace.Organization));
        using var admin = await Browser.SignedInAsync(platform);
        using var member = await Browser.SignedInAsync(platform, person.Id);
        var page = $"/app/{workspace.Organization}/settings/agents";

        Assert.Contains("No pool yet", (await member.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains("A name has 1 to 90", await admin.RefusalAsync(page, "pool", ("Form.Name", "a b")), StringComparison.Ordinal);
        Assert.Contains($"no workspace &#x27;{elsewhere.Name}&#x27;", await admin.RefusalAsync(page, "pool", ("Form.Name", "inside"), ("Form.Workspaces", elsewhere.Name)), StringComparison.Ordinal);
        (await admin.ForgeAsync(page, ("_handler", "pool"), ("Form.Name", "inside"), ("Form.Workspaces", workspace.Name), ("Form.Projects", Names.DefaultProject))).Expect(302);
        await using var db = platform.Open();
        var pool = await db.AgentPools.AsNoTracking().SingleAsync(row => row.Name == "inside" && db.Organizations.Any(owner => owner.Id == row.OrganizationId && owner.Name == workspace.Organization), TestContext.Current.CancellationToken);
        var listed = (await admin.GetAsync(page)).Expect(200).Text;
        Assert.Contains($"project {Names.DefaultProject}, {workspace.Name}", listed, StringComparison.Ordinal);
        Assert.Contains($"Orchestrator__Worker__Pools={workspace.Organization}/inside", listed, StringComparison.Ordinal);
        Assert.Contains("already been taken", await admin.RefusalAsync(page, "pool", ("Form.Name", "inside")), StringComparison.Ordinal);
        (await admin.ForgeAsync($"{page}?change={pool.Id}", ("_handler", "pool"), ("Form.Name", "inner"), ("Form.MaxConcurrentRuns", "2"), ("Form.OrganizationScoped", "true"), ("Form.Excluded", workspace.Name))).Expect(302);
        var changed = (await admin.GetAsync(page)).Text;
        Assert.Contains($"all workspaces but {workspace.Name}", changed, StringComparison.Ordinal);
        Assert.Contains("2 at most", changed, StringComparison.Ordinal);

        var now = TimeProvider.System.GetUtcNow();
        Agent OfPool(string name, DateTimeOffset ping) => new()
        {
            Id = Identifier.New<AgentId>(), PoolId = pool.Id, Worker = TestWorkspace.NewName("worker"), Name = name, StartedAt = ping, LastPingAt = ping,
        };
        var (alive, silent) = (OfPool("machine-alive", now), OfPool("machine-silent", now.AddHours(-1)));
        db.AddRange(alive, silent);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        var shown = (await admin.GetAsync(page)).Expect(200);
        Assert.Contains("Forget machine-silent", shown.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Forget machine-alive", shown.Text, StringComparison.Ordinal);
        (await admin.ForgeAsync($"{page}/{pool.Id}/agents/{alive.Id}/forget")).Expect(302);
        Assert.Contains("The agent is alive", (await admin.GetAsync(page)).Text, StringComparison.Ordinal);
        (await admin.SubmitAsync(shown, $"{page}/{pool.Id}/agents/{silent.Id}/forget")).Expect(302);
        Assert.Equal([alive.Id], await db.Agents.Where(row => row.PoolId == pool.Id).Select(row => row.Id).ToListAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain("/delete\"", (await member.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);

        // Through its own organisation alone.
        (await admin.ForgeAsync($"/app/{elsewhere.Organization}/settings/agents/{pool.Id}/delete")).Expect(404);
        (await admin.SubmitAsync(shown, $"{page}/{pool.Id}/delete")).Expect(302);
        Assert.False(await db.AgentPools.AnyAsync(row => row.Id == pool.Id, TestContext.Current.CancellationToken));
    }

    [GeneratedRegex(@"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{67}")]
    private static partial Regex Token();
}
