using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

public sealed partial class VersionControlPageTests
{
    [Fact]
    public async Task A_connection_is_made_on_its_page_a_repository_taken_on_the_workspaces_and_a_delivery_repeated()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/network");
        var commit = await repository.PushAsync("Begin", "main", ("main.tf", "resource \"terraform_data\" \"one\" {}"));
        await repository.PushAsync("Other", "other", ("main.tf", ""));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var browser = await Browser.SignedInAsync(platform);
        var address = $"/app/{workspace.Organization}/settings/version-control";

        (await browser.GetAsync(address)).Expect(200);
        var refused = (await browser.ForgeAsync(address, ("_handler", "connection"), ("Form.Service", "gitea"), ("Form.Token", host.Token))).Expect(200);
        Assert.Contains("This service is at an address of its own.", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Token, refused.Text, StringComparison.Ordinal);
        var made = (await browser.ForgeAsync(address,
            ("_handler", "connection"), ("Form.Service", "git"), ("Form.Name", "Ours"), ("Form.HttpUrl", host.Address), ("Form.Token", host.Token), ("Form.PollMinutes", "600"))).Expect(200);
        Assert.Contains("Ours is connected", made.Text, StringComparison.Ordinal);
        var secret = Secret().Match(made.Text).Groups["secret"].Value;
        Assert.Equal(48, secret.Length);
        // Told once.
        var shown = (await browser.GetAsync(address)).Expect(200);
        Assert.DoesNotContain(secret, shown.Text, StringComparison.Ordinal);
        await using var db = platform.Open();
        var connection = await db.VcsConnections.AsNoTracking().SingleAsync(
            row => db.Organizations.Any(owner => owner.Id == row.OrganizationId && owner.Name == workspace.Organization), TestContext.Current.CancellationToken);
        Assert.Equal(secret, platform.Get<VcsVault>().OpenWebhookSecret(connection));

        var link = $"/app/{workspace.Organization}/workspaces/{workspace.Name}/version-control";
        var found = (await browser.GetAsync($"{link}?connection={connection.Id}&repository=acme/network.git")).Expect(200);
        Assert.Contains("<option value=\"other\"></option>", found.Text, StringComparison.Ordinal);
        var nothing = (await browser.GetAsync($"{link}?connection={connection.Id}&repository=acme/nothing")).Expect(200);
        Assert.Contains("has no such repository", nothing.Text, StringComparison.Ordinal);
        (string, string)[] fields = [("_handler", "repository"), ("Form.Token", connection.TokenId!.Value.Value), ("Form.Identifier", "acme/network.git"), ("Form.Patterns", "**/*.tf"), ("Form.FileTriggers", "true"), ("Form.QueueAllRuns", "true")];
        Assert.Contains("has no branch &#x27;nowhere&#x27;", (await browser.ForgeAsync(link, [.. fields, ("Form.Branch", "nowhere")])).Expect(200).Text, StringComparison.Ordinal);
        (await browser.ForgeAsync(link, fields)).Expect(302);
        var linked = (await workspace.ReadAsync()).Attributes;
        Assert.Equal(("acme/network.git", "**/*.tf", false), (
            linked["vcs-repo-identifier"]!.GetValue<string>(), linked["trigger-patterns"]![0]!.GetValue<string>(), linked["speculative-enabled"]!.GetValue<bool>()));

        var stored = await platform.Get<VcsIntake>().StoreAsync(connection.Id, "push", "one", System.Text.Encoding.UTF8.GetBytes(
            $"{{\"repository\":\"acme/network.git\",\"ref\":\"refs/heads/main\",\"after\":\"{commit}\",\"sender\":\"ada\"}}"));
        await Wait.ForAsync("the delivery to be handled", async () => await db.VcsDeliveries.AnyAsync(row => row.Id == stored.Id && row.Status == VcsDeliveryStatus.Handled, TestContext.Current.CancellationToken) ? "" : null);
        var log = (await browser.GetAsync(address)).Expect(200);
        Assert.Contains(Assert.Single(await workspace.RunsAsync()).Id, log.Text, StringComparison.Ordinal);
        (await browser.SubmitAsync(log, $"{address}/deliveries/{stored.Id}/redeliver")).Expect(302);
        Assert.Equal(2, await db.VcsDeliveries.CountAsync(row => row.ConnectionId == connection.Id, TestContext.Current.CancellationToken));
        (await browser.SubmitAsync(log, $"{address}/{connection.Id}/check")).Expect(302);
        // Another organisation's page has no hold on it.
        var other = await TestWorkspace.CreateAsync(platform.Api);
        Assert.Equal(404, (await browser.ForgeAsync($"/app/{other.Organization}/settings/version-control/{connection.Id}/delete")).Status);
        Assert.Equal(404, (await browser.ForgeAsync($"/app/{other.Organization}/settings/version-control/deliveries/{stored.Id}/redeliver")).Status);

        // A new workspace that is to follow a repository goes on with choosing one, and its first run is queued.
        var project = (await workspace.ReadAsync()).RelatedId("project");
        var chosen = (await browser.ForgeAsync("/workspaces/new", ("_handler", "new-workspace"), ("Form.Project", project), ("Form.Name", "followed"), ("Form.Way", "vcs"))).Expect(302).Headers.Location!.ToString();
        Assert.EndsWith($"/app/{workspace.Organization}/workspaces/followed/version-control?start=true", chosen, StringComparison.Ordinal);
        var choosing = (await browser.GetAsync(chosen)).Expect(200).Text;
        Assert.Contains("followed is made. Now choose", choosing, StringComparison.Ordinal);
        Assert.Contains("name=\"Form.StartRun\" value=\"true\" checked", choosing, StringComparison.Ordinal);
        Assert.Contains("has no branch", (await browser.ForgeAsync(chosen, [.. fields, ("Form.StartRun", "true"), ("Form.Branch", "nowhere")])).Expect(200).Text, StringComparison.Ordinal);
        var run = (await browser.ForgeAsync(chosen, [.. fields, ("Form.StartRun", "true")])).Expect(302).Headers.Location!.ToString();
        Assert.Contains("/followed/runs/run-", run, StringComparison.Ordinal);
        var first = await db.Runs.AsNoTracking().SingleAsync(row => db.Workspaces.Any(place => place.Id == row.WorkspaceId && place.Name == "followed" && place.ProjectId == new ProjectId(project)), TestContext.Current.CancellationToken);
        Assert.True(await db.IngressAttributes.AnyAsync(row => row.ConfigurationVersionId == first.ConfigurationVersionId && row.CommitSha == commit, TestContext.Current.CancellationToken));

        (await browser.ForgeAsync(link, ("_handler", "disconnect"))).Expect(302);
        Assert.Null((await workspace.ReadAsync()).Attributes["vcs-repo"]);
        (await browser.SubmitAsync(log, $"{address}/{connection.Id}/delete")).Expect(302);
        Assert.False(await db.VcsConnections.AnyAsync(row => row.Id == connection.Id, TestContext.Current.CancellationToken));
    }

    [GeneratedRegex("aria-label=\"the webhook secret\">(?<secret>[0-9a-f]+)<")]
    private static partial Regex Secret();
}
