using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

public sealed class PollingTests
{
    /// <summary>Nobody knows what its branch will be called, and a hook of a plain server does not say.</summary>
    [Fact]
    public async Task A_repository_that_was_empty_when_it_was_linked_runs_from_its_first_commit_on()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/empty");
        var connection = await TestConnection.CreateAsync(platform, host, more: new JsonObject { ["service-provider"] = "git", ["http-url"] = host.Address, ["api-url"] = null });
        var workspace = await connection.LinkAsync(repository, link: new JsonObject { ["identifier"] = "acme/empty.git" });
        var first = await repository.PushAsync("Begin", "main", ("main.tf", "resource \"terraform_data\" \"one\" {}"));
        var other = await repository.PushAsync("Other", "other", ("main.tf", ""));
        JsonObject Push(string branch, string commit) => new() { ["repository"] = "acme/empty.git", ["ref"] = $"refs/heads/{branch}", ["after"] = commit };

        Assert.Equal("It follows the branch 'main'.", TestConnection.OutcomesOf(await connection.HandleAsync("push", Push("other", other)))[workspace.Name]);
        Assert.Equal("queued", TestConnection.OutcomesOf(await connection.HandleAsync("push", Push("main", first)))[workspace.Name]);
        Assert.Equal("main", (await workspace.ReadAsync()).Attributes["vcs-repo"]!["default-branch"]!.GetValue<string>());
    }

    /// <summary>A server with nothing but git, into which nobody can send a delivery.</summary>
    [Fact]
    public async Task Where_no_delivery_can_come_in_new_commits_are_found_by_looking()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/plain.git");
        var first = await repository.PushAsync("Begin", "main", ("network/main.tf", "resource \"terraform_data\" \"one\" {}"), ("docs/index.md", "x"));
        var connection = await TestConnection.CreateAsync(platform, host, more: new JsonObject
        {
            ["service-provider"] = "git", ["http-url"] = host.Address, ["api-url"] = null, ["poll-minutes"] = 60,
        });
        var workspace = await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "network" }, new JsonObject { ["identifier"] = "acme/plain.git.git" });
        await LookAsync();
        await Wait.ForAsync("the look", async () => await IsLookedAtAsync() ? "" : null);
        // What was there before is no news.
        Assert.Empty(await connection.LogAsync());

        var docs = await repository.PushAsync("Words", "main", ("docs/index.md", "y"));
        await LookAsync();
        var skipped = await OutcomeAsync(docs);
        Assert.Equal("No changed file is under its working directory.", skipped["reason"]!.GetValue<string>());
        var second = await repository.PushAsync("Grow", "main", ("network/main.tf", "resource \"terraform_data\" \"two\" {}"));
        await LookAsync();
        Assert.Equal("queued", (await OutcomeAsync(second))["decision"]!.GetValue<string>());

        var run = Assert.Single(await workspace.RunsAsync());
        await run.ReachAsync("planned");
        Assert.Equal("Grow", (await run.ReadAsync()).Attributes["message"]!.GetValue<string>());
        Assert.NotEqual(first, second);

        async Task LookAsync()
        {
            await using var db = platform.Open();
            await db.VcsConnections.Where(row => row.Id == new OAuthClientId(connection.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.PolledAt, (DateTimeOffset?)null), TestContext.Current.CancellationToken);
        }

        async Task<bool> IsLookedAtAsync()
        {
            await using var db = platform.Open();
            return await db.VcsConnections.AnyAsync(row => row.Id == new OAuthClientId(connection.Id) && row.PolledAt != null, TestContext.Current.CancellationToken);
        }

        Task<JsonNode> OutcomeAsync(string commit) => Wait.ForAsync($"what {commit} has meant", async () => (await connection.LogAsync())
            .FirstOrDefault(row => row["attributes"]!["commit-sha"]?.GetValue<string>() == commit && row["attributes"]!["outcomes"]!.AsArray() is [{ } only] && only["decision"]!.GetValue<string>() != "ingressing")?["attributes"]!["outcomes"]![0]);
    }

    /// <summary>A service with an API, but no way in for its deliveries.</summary>
    [Fact]
    public async Task Tags_and_pull_requests_are_found_by_looking_too()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/inside");
        await repository.PushAsync("Begin", "main", ("main.tf", "resource \"terraform_data\" \"one\" {}"));
        await repository.RunAsync("tag", "v1.0.0");
        await repository.RunAsync("push", "-q", "origin", "v1.0.0");
        host.Answer("/repos/acme/inside/pulls", new JsonArray());
        var connection = await TestConnection.CreateAsync(platform, host, more: new JsonObject { ["poll-minutes"] = 60 });
        // Nobody serves the pool, so its runs wait.
        var pool = (await platform.Api.PostAsync($"organizations/{connection.Organization}/agent-pools", ApiClient.Document("agent-pools", new JsonObject { ["name"] = "nobody" }))).Expect(201).Id;
        JsonObject Settings() => new() { ["execution-mode"] = "agent", ["agent-pool-id"] = pool };
        var branch = await connection.LinkAsync(repository, Settings(), name: "branch");
        var tags = await connection.LinkAsync(repository, Settings(), new JsonObject { ["tags-regex"] = "semver" }, name: "tags");
        var look = platform.Get<VcsPollJob>();
        await look.ExecuteAsync(connection.Id, CancellationToken.None);
        Assert.Empty(await connection.LogAsync());

        await repository.RunAsync("tag", "v1.1.0");
        await repository.RunAsync("tag", "nightly");
        await repository.RunAsync("push", "-q", "origin", "v1.1.0", "nightly");
        var head = await repository.PushAsync("Grow", "feature", ("main.tf", "resource \"terraform_data\" \"two\" {}"));
        host.Answer("/repos/acme/inside/pulls", new JsonArray(TestConnection.PullRequest(repository, head)["pull_request"]!.DeepClone()));
        await look.ExecuteAsync(connection.Id, CancellationToken.None);
        // Looked at again, nothing is new.
        await look.ExecuteAsync(connection.Id, CancellationToken.None);

        var log = await Wait.ForAsync("both to be handled", async () =>
            await connection.LogAsync() is { } rows && rows.All(row => row["attributes"]!["status"]!.GetValue<string>() == "handled") ? rows : null);
        Assert.Equal(["pull_request", "push"], log.Select(row => row["attributes"]!["event"]!.GetValue<string>()).Order());
        Assert.Single(await tags.RunsAsync());
        var plan = Assert.Single(await branch.RunsAsync("plan_only"));
        Assert.Equal("Grow the network (#7)", (await plan.ReadAsync()).Attributes["message"]!.GetValue<string>());
        Assert.Empty(await branch.RunsAsync());
        // It is not in the list any more, so it is over.
        host.Answer("/repos/acme/inside/pulls", new JsonArray());
        await look.ExecuteAsync(connection.Id, CancellationToken.None);
        await plan.ReachAsync("canceled");
    }
}
