using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

public sealed class PullRequestTests
{
    private const string One = """
        resource "terraform_data" "one" { input = "one" }
        """;

    /// <summary>The whole way of a change: proposed, planned, told, merged, applied.</summary>
    [Theory, EachDatabase]
    public async Task A_pull_request_is_planned_told_in_one_comment_and_applied_when_it_is_merged(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        await using var host = await CodeHost.StartAsync();
        host.Answer("/repos/acme/network/pulls/7/files", new JsonArray(new JsonObject { ["filename"] = "network/main.tf" }));
        var repository = await host.CreateAsync("acme/network");
        var start = await repository.PushAsync("Begin", "main", ("network/main.tf", One), ("dns/main.tf", One));
        var connection = await TestConnection.CreateAsync(platform, host);
        var network = await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "network", ["auto-apply"] = true }, name: "network");
        var dns = await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "dns" }, name: "dns");
        var always = await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "dns", ["file-triggers-enabled"] = false }, name: "always");
        var secret = Planted.Secret("in-a-plan");
        await network.SetAsync("password", secret, sensitive: true);
        var head = await repository.PushAsync("Grow", "feature", ("network/main.tf", One + """

            variable "password" { sensitive = true }
            resource "terraform_data" "two" {
              for_each = toset(["```", "b"])
              input    = var.password
            }
            """));

        var delivery = await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, head));

        Assert.Equal(["always", "network"], TestConnection.OutcomesOf(delivery).Where(outcome => outcome.Value == "queued").Select(outcome => outcome.Key).Order());
        var plan = Assert.Single(await network.RunsAsync("plan_only"));
        var planned = await plan.ReachAsync("planned_and_finished");
        Assert.Equal("Grow the network (#7)", planned.Attributes["message"]!.GetValue<string>());
        var other = Assert.Single(await always.RunsAsync("plan_only"));
        await other.ReachAsync("planned_and_finished");
        Assert.Empty(await dns.RunsAsync("plan_only"));
        // One mark a workspace, and one for all.
        var contexts = new[] { $"orchestrator/{connection.Organization}", $"orchestrator/{connection.Organization}/always", $"orchestrator/{connection.Organization}/network" };
        await Wait.UntilAsync("the marks", () => contexts.All(context => host.StatusesOf(head).GetValueOrDefault(context) == "success"));
        Assert.Equal(contexts, host.StatusesOf(head).Keys.Order());
        // One comment, written once and then changed in its place, as often as there is news.
        var comment = await Wait.ForAsync("the last word", () => Task.FromResult(
            host.Told.LastOrDefault(call => call.Path.StartsWith("/repos/acme/network/issues/", StringComparison.Ordinal) && call.Path.Contains("/comments", StringComparison.Ordinal))
                ?.Body?["body"]?.GetValue<string>() is { } text && !text.Contains('…') ? text : null));
        Assert.Single(host.Told, call => call is { Method: "POST", Path: "/repos/acme/network/issues/7/comments" });
        Assert.Contains("[network](", comment, StringComparison.Ordinal);
        Assert.Contains("Plan: 3 to add, 0 to change, 0 to destroy.", comment, StringComparison.Ordinal);
        Assert.Contains("<details><summary>Changes in network</summary>", comment, StringComparison.Ordinal);
        Assert.Contains("+ terraform_data.two[\"'''\"]", comment, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, comment, StringComparison.Ordinal);
        // Told again without news, it is planned no second time.
        Assert.Equal("This commit of the pull request was planned before.", TestConnection.OutcomesOf(await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, head, "reopened")))["network"]);
        // Plans change nothing.
        Assert.Null(await network.StateAsync());

        // Merged: the default branch has it now, and is applied, or waits, as each workspace says.
        await repository.RunAsync("checkout", "-q", "main");
        await repository.RunAsync("merge", "-q", "--no-ff", "-m", "Merge pull request #7", "feature");
        var merged = await repository.CommitAsync("After it", "main");
        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, head, "closed"));
        await connection.HandleAsync("push", TestConnection.Push(repository, merged, start));
        var applied = Assert.Single(await network.RunsAsync());
        await applied.ReachAsync("applied");
        var waiting = Assert.Single(await always.RunsAsync());
        await waiting.ReachAsync("planned");
        Assert.Empty(await dns.RunsAsync());
        Assert.Equal(3, (await network.ResourcesAsync()).Count);
        await Wait.UntilAsync("the marks of the merge", () => host.StatusesOf(merged).GetValueOrDefault(contexts[2]) == "success" && host.StatusesOf(merged).GetValueOrDefault(contexts[1]) == "pending");
        Assert.Equal("pending", host.StatusesOf(merged)[contexts[0]]);
        (await waiting.ActAsync("apply")).Expect(202);
        await Wait.UntilAsync("the last mark", () => host.StatusesOf(merged)[contexts[0]] == "success");
    }

    [Fact]
    public async Task A_newer_commit_ends_the_plan_of_an_older_one_and_a_closed_request_ends_the_last()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/slow");
        await repository.PushAsync("Begin", "main", ("main.tf", One));
        var connection = await TestConnection.CreateAsync(platform, host);
        // Nobody serves the pool, so its runs wait.
        var pool = (await platform.Api.PostAsync($"organizations/{connection.Organization}/agent-pools", ApiClient.Document("agent-pools", new JsonObject { ["name"] = "nobody" }))).Expect(201).Id;
        var workspace = await connection.LinkAsync(repository, new JsonObject { ["execution-mode"] = "agent", ["agent-pool-id"] = pool });
        var first = await repository.PushAsync("First", "feature", ("main.tf", One + "# first"));
        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, first));
        var older = Assert.Single(await workspace.RunsAsync("plan_only"));
        var elsewhere = await repository.PushAsync("Elsewhere", "other", ("main.tf", One + "# other"));
        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, elsewhere, number: 8, branch: "other"));
        var second = await repository.PushAsync("Second", "feature", ("main.tf", One + "# second"));

        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, second, "synchronize"));

        Assert.Equal("canceled", await older.StatusAsync());
        var waiting = (await workspace.RunsAsync("plan_only")).Where(run => run.Id != older.Id).ToArray();
        Assert.Equal(["plan_queued", "plan_queued"], await Task.WhenAll(waiting.Select(run => run.StatusAsync())));
        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, second, "closed"));
        // The other request's plan goes on.
        Assert.Equal(["canceled", "plan_queued"], (await Task.WhenAll(waiting.Select(run => run.StatusAsync()))).Order());
    }

    [Fact]
    public async Task A_fork_is_not_planned_unless_it_is_allowed_and_then_without_secrets_credentials_and_state()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/open");
        var kept = Planted.Secret("in-a-state");
        await repository.PushAsync("Begin", "main", ("main.tf", One + $$"""

            output "kept" { value = "{{kept}}" }
            """));
        var connection = await TestConnection.CreateAsync(platform, host);
        var workspace = await connection.LinkAsync(repository, new JsonObject { ["global-remote-state"] = true });
        await workspace.ApplyAsync();
        await workspace.SetAsync("password", Planted.Secret("of-a-workspace"), sensitive: true);
        await workspace.SetEnvironmentAsync("GREETING", "hello");
        await workspace.SetAsync("SECRET", Planted.Secret("in-the-environment"), "env", sensitive: true);
        // As a code host keeps it: the commits are under a reference of the request's.
        var head = await repository.PushAsync("Try it", "stranger", ("main.tf", One + """

            variable "password" { default = "none" }
            output "seen" { value = nonsensitive(var.password) }
            """));
        await repository.RunAsync("push", "-q", "origin", "stranger:refs/pull/7/head", ":stranger");
        var payload = TestConnection.PullRequest(repository, head, fork: "mallory/open");

        Assert.Equal("The pull request comes from a fork, and the workspace plans none of those.", TestConnection.OutcomesOf(await connection.HandleAsync("pull_request", payload))[workspace.Name]);
        Assert.Empty(await workspace.RunsAsync("plan_only"));

        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", new JsonObject { ["vcs-repo"] = new JsonObject { ["plans-forks"] = true } }))).Expect(200);
        Assert.Equal("queued", TestConnection.OutcomesOf(await connection.HandleAsync("pull_request", payload))[workspace.Name]);
        var run = Assert.Single(await workspace.RunsAsync("plan_only"));
        await run.ReachAsync("planned_and_finished");
        Assert.Equal("none", (await run.PlanJsonAsync()).Json["planned_values"]!["outputs"]!["seen"]!["value"]!.GetValue<string>());
        await using var db = platform.Open();
        Assert.True(await db.Runs.Where(row => row.Id == new RunId(run.Id)).Select(row => row.PlansWithoutCredentials && row.AppliesWithoutCredentials).FirstAsync(TestContext.Current.CancellationToken));
        Assert.True(await db.ConfigurationVersions.AnyAsync(version => version.WorkspaceId == new WorkspaceId(workspace.Id) && version.FromFork && version.Speculative, TestContext.Current.CancellationToken));
        using var browser = await Browser.SignedInAsync(platform);
        // What exists is planned as if it did not, and whoever reads that is told why.
        Assert.Equal((1, 0, 0), await run.CountsAsync());
        Assert.Contains(RunClaim.ForkWarning, await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.Contains(RunClaim.ForkWarning, (await browser.GetAsync($"/app/{connection.Organization}/{workspace.Name}/runs/{run.Id}")).Text, StringComparison.Ordinal);
        await Wait.UntilAsync("the comment", () => host.Told.Any(call => call.Path.EndsWith("/comments", StringComparison.Ordinal) && call.Body!["body"]!.GetValue<string>().Contains(RunClaim.ForkWarning, StringComparison.Ordinal)));
        // Asked for outright, the state is not there either: neither its own nor one that is shared with everybody.
        var asks = await repository.PushAsync("Ask", "asking", ("main.tf", $$"""
            data "terraform_remote_state" "own" {
              backend = "remote"
              config = {
                hostname     = "localterraform.com"
                organization = "{{connection.Organization}}"
                workspaces   = { name = "{{workspace.Name}}" }
              }
            }
            output "seen" { value = data.terraform_remote_state.own.outputs.kept }
            """));
        await repository.RunAsync("push", "-q", "origin", "asking:refs/pull/8/head", ":asking");
        var other = await connection.LinkAsync(repository, link: new JsonObject { ["plans-forks"] = true }, name: "other");
        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, asks, number: 8, fork: "mallory/open"));
        foreach (var asking in new[] { (await workspace.RunsAsync("plan_only"))[0], (await other.RunsAsync("plan_only"))[0] })
        {
            await asking.ReachAsync("errored");
            Assert.DoesNotContain(kept, await asking.LogAsync("plan"), StringComparison.Ordinal);
        }
        // Nobody makes more of it.
        var version = (await run.ReadAsync()).RelatedId("configuration-version");
        Assert.Equal(422, (await platform.Api.PostAsync("runs", ApiClient.Document("runs", new JsonObject { ["plan-only"] = false }, ("workspace", "workspaces", workspace.Id), ("configuration-version", "configuration-versions", version)))).Status);
    }
}
