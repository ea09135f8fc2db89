using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

/// <summary>From a push over real git and a signed delivery to a run.</summary>
public sealed class PushTests
{
    private const string Main = """
        resource "terraform_data" "one" { input = "one" }
        """;

    [Theory, EachDatabase]
    public async Task A_push_becomes_a_run_of_its_commit_once_and_says_where_it_came_from(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/network");
        var first = await repository.PushAsync("Begin", "main", ("main.tf", Main));
        var connection = await TestConnection.CreateAsync(platform, host);
        var workspace = await connection.LinkAsync(repository);
        var second = await repository.PushAsync("Grow\n\nBy one.", "main", ("main.tf", Main + "\n" + Main.Replace("\"one\" {", "\"two\" {", StringComparison.Ordinal)));
        var id = Guid.NewGuid().ToString();

        var answer = (await connection.DeliverAsync("push", TestConnection.Push(repository, second, first, message: "Grow\n\nBy one.", files: ["main.tf"]), id)).Expect(202);
        var delivery = await connection.EndOfAsync(answer.Json["delivery"]!.GetValue<string>());
        var run = Assert.Single(await workspace.RunsAsync());
        var planned = await run.ReachAsync("planned");

        Assert.Equal((2, 0, 0), await run.CountsAsync());
        Assert.Equal("handled", delivery.Attributes["status"]!.GetValue<string>());
        Assert.Equal("queued", TestConnection.OutcomesOf(delivery)[workspace.Name]);
        Assert.Equal(("Grow\n\nBy one.", "tfe-configuration-version", "version_control"), (
            planned.Attributes["message"]!.GetValue<string>(), planned.Attributes["source"]!.GetValue<string>(), planned.Attributes["trigger-reason"]!.GetValue<string>()));
        var version = (await platform.Api.GetAsync($"configuration-versions/{planned.RelatedId("configuration-version")}?include=ingress_attributes")).Expect(200);
        Assert.Equal("github", version.Attributes["source"]!.GetValue<string>());
        var ingress = version.Json["included"]![0]!;
        Assert.Equal(version.RelatedId("ingress-attributes"), ingress["id"]!.GetValue<string>());
        CommittedDocument.Compare("ingress-attributes", (await platform.Api.GetAsync($"configuration-versions/{version.Id}/ingress-attributes")).Expect(200).Json,
            new Dictionary<string, string> { [second] = "<commit>" });
        CommittedDocument.Compare("vcs-event", delivery.Json, new Dictionary<string, string> { [second] = "<commit>", [id] = "<delivery>", [workspace.Name] = "<workspace>" });

        // The same again, as a service does that has not heard the answer.
        (await connection.DeliverAsync("push", TestConnection.Push(repository, second, first, message: "Grow\n\nBy one.", files: ["main.tf"]), id)).Expect(202);
        Assert.Single(await connection.LogAsync());
        // And as a person does who wants another run of it.
        var again = (await platform.Api.PostAsync($"vcs-events/{delivery.Id}/actions/redeliver")).Expect(200);
        Assert.NotEqual(delivery.Id, again.Id);
        Assert.Equal("handled", (await connection.EndOfAsync(again.Id)).Attributes["status"]!.GetValue<string>());
        Assert.Equal(2, (await workspace.RunsAsync()).Count);
        Assert.All(await workspace.RunsAsync(), queued => Assert.NotNull(queued));
        Assert.Single((await platform.Api.GetAsync($"workspaces/{workspace.Id}/runs?search%5Bcommit%5D={second[..8]}&page%5Bsize%5D=1")).Expect(200).Json["data"]!.AsArray());
        Assert.Empty((await platform.Api.GetAsync($"workspaces/{workspace.Id}/runs?search%5Bcommit%5D={first[..8]}")).Expect(200).Json["data"]!.AsArray());
    }

    [Fact]
    public async Task One_push_to_a_repository_of_many_parts_runs_the_right_workspaces_only()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/all");
        var before = await repository.PushAsync("Begin", "main", ("network/main.tf", Main), ("database/main.tf", Main), ("modules/tags/main.tf", "locals {}"), ("docs/index.md", "x"));
        var connection = await TestConnection.CreateAsync(platform, host);
        var network = await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "network" }, name: "network");
        await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "database" }, name: "database");
        await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "database", ["trigger-prefixes"] = new JsonArray("/modules/") }, name: "with-modules");
        await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "database", ["trigger-patterns"] = new JsonArray("**/tags/*.tf") }, name: "by-pattern");
        await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "database", ["file-triggers-enabled"] = false }, name: "always");
        await connection.LinkAsync(repository, new JsonObject { ["working-directory"] = "network" }, new JsonObject { ["branch"] = "main", ["tags-regex"] = "semver" }, name: "tags");
        var after = await repository.PushAsync("Change", "main", ("network/main.tf", Main + "\n"), ("modules/tags/main.tf", "locals { x = 1 }"));

        // The payload names no file, so git is asked in which ones the commits differ.
        var outcomes = TestConnection.OutcomesOf(await connection.HandleAsync("push", TestConnection.Push(repository, after, before)));

        Assert.Equal(["always", "by-pattern", "network", "with-modules"], outcomes.Where(outcome => outcome.Value == "queued").Select(outcome => outcome.Key).Order());
        Assert.Equal("No changed file is under its working directory.", outcomes["database"]);
        Assert.Equal("It takes tags, and no branch's commits.", outcomes["tags"]);
        await (await network.RunsAsync())[0].ReachAsync("planned");

        await repository.RunAsync("tag", "-a", "v1.2.3", "-m", "One");
        await repository.RunAsync("push", "-q", "origin", "v1.2.3");
        var tag = (await repository.RunAsync("rev-parse", "v1.2.3")).Trim();
        var tagged = await connection.HandleAsync("push", TestConnection.Push(repository, tag, reference: "refs/tags/v1.2.3").But("head_commit", null));
        Assert.Equal(["tags"], TestConnection.OutcomesOf(tagged).Where(outcome => outcome.Value == "queued").Select(outcome => outcome.Key));
        Assert.Equal(after, await CommitOfAsync(platform, connection, "tags"));
    }

    [Fact]
    public async Task While_git_fetches_the_configuration_says_so()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/slow");
        var commit = await repository.PushAsync("Begin", "main", ("main.tf", Main));
        var connection = await TestConnection.CreateAsync(platform, host);
        var workspace = await connection.LinkAsync(repository, new JsonObject { ["queue-all-runs"] = false });
        async Task<JsonNode?> VersionAsync() => (await platform.Api.GetAsync($"workspaces/{workspace.Id}/configuration-versions")).Expect(200).Json["data"]!.AsArray() is [{ } only] ? only["attributes"] : null;
        using var gate = new ManualResetEventSlim();
        host.Trouble = _ =>
        {
            gate.Wait(TestContext.Current.CancellationToken);
            return false;
        };

        var delivery = (await connection.DeliverAsync("push", TestConnection.Push(repository, commit))).Expect(202).Json["delivery"]!.GetValue<string>();
        await Wait.ForAsync("the configuration to be fetched", async () => (await VersionAsync())?["status"]!.GetValue<string>() == "fetching" ? "" : null);
        gate.Set();
        await connection.EndOfAsync(delivery);

        var version = (await VersionAsync())!;
        Assert.Equal("uploaded", version["status"]!.GetValue<string>());
        Assert.Equal(["fetching-at", "uploaded-at"], version["status-timestamps"]!.AsObject().Select(row => row.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_asks_for_no_run_gets_none_and_the_log_says_why()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/quiet");
        var first = await repository.PushAsync("Begin", "main", ("main.tf", Main));
        var connection = await TestConnection.CreateAsync(platform, host);
        var workspace = await connection.LinkAsync(repository, new JsonObject { ["queue-all-runs"] = false });
        async Task<string> WhyAsync(JsonObject payload) => TestConnection.OutcomesOf(await connection.HandleAsync("push", payload))[workspace.Name];

        Assert.Equal("The workspace's first run is queued by hand, unless it queues all runs.", await WhyAsync(TestConnection.Push(repository, first)));
        Assert.Equal("The commit's message asks for no run.", await WhyAsync(TestConnection.Push(repository, first, message: "Mend a word [skip ci]")));
        Assert.Equal("It follows the branch 'main'.", await WhyAsync(TestConnection.Push(repository, first, reference: "refs/heads/other")));
        Assert.Equal("It takes a branch's commits, and no tags.", await WhyAsync(TestConnection.Push(repository, first, reference: "refs/tags/v1")));
        var deleted = TestConnection.Push(repository, new string('0', 40), first).But("deleted", true);
        Assert.Equal(("ignored", "main was deleted."), StatusOf(await connection.HandleAsync("push", deleted)));
        Assert.Equal(("ignored", "Nothing follows from a 'watch'."), StatusOf(await connection.HandleAsync("watch", new JsonObject())));
        Assert.Equal("ignored", StatusOf(await connection.HandleAsync("ping", new JsonObject { ["zen"] = "x" })).Status);
        Assert.Equal(("refused", "The payload has no 'ref'."), StatusOf(await connection.HandleAsync("push", new JsonObject())));
        var elsewhere = TestConnection.Push(repository, first).But("repository", new JsonObject { ["full_name"] = "acme/elsewhere" });
        Assert.Equal("ignored", StatusOf(await connection.HandleAsync("push", elsewhere)).Status);
        Assert.Empty(await workspace.RunsAsync());

        // By hand, the newest commit is fetched, also one of which nobody has told.
        var second = await repository.PushAsync("Quietly", "main", ("main.tf", Main + "\n# two"));
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        Assert.Equal(second, await CommitOfAsync(platform, connection, workspace.Name));
        // From now on, pushes do.
        var third = await repository.PushAsync("Third", "main", ("main.tf", Main + "\n# three"));
        Assert.Equal("queued", await WhyAsync(TestConnection.Push(repository, third, second)));
        // A delivery that was overtaken on its way, and one of a commit that a forced push has taken away.
        Assert.StartsWith("A later push has overtaken it", await WhyAsync(TestConnection.Push(repository, second, first)), StringComparison.Ordinal);
        // An empty commit has no file that could count.
        await workspace.ReadAsync();
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", new JsonObject { ["trigger-patterns"] = new JsonArray("**/*.tf") }))).Expect(200);
        var empty = await repository.CommitAsync("Nothing", "main");
        Assert.Equal("The commits touch no file.", await WhyAsync(TestConnection.Push(repository, empty, third)));
        // A forced push takes commits away and brings others: the branch is where it says.
        await repository.RunAsync("reset", "-q", "--hard", first);
        await File.WriteAllTextAsync(repository.PathOf("main.tf"), Main + "\n# another way", TestContext.Current.CancellationToken);
        var forced = await repository.CommitAsync("Another way", "main", force: true);
        Assert.Equal("queued", await WhyAsync(TestConnection.Push(repository, forced, empty).But("forced", true)));
        Assert.Equal(forced, await CommitOfAsync(platform, connection, workspace.Name));
    }

    private static (string Status, string? Reason) StatusOf(Answer delivery) =>
        (delivery.Attributes["status"]!.GetValue<string>(), delivery.Attributes["reason"]?.GetValue<string>());

    private static async Task<string> CommitOfAsync(Platform platform, TestConnection connection, string workspace)
    {
        await using var db = platform.Open();
        return await (
            from row in db.Workspaces
            where row.Name == workspace
            join organization in db.Organizations on row.OrganizationId equals organization.Id
            where organization.Name == connection.Organization
            join version in db.ConfigurationVersions on row.Id equals version.WorkspaceId
            join ingress in db.IngressAttributes on version.Id equals ingress.ConfigurationVersionId
            orderby version.CreatedAt descending
            select ingress.CommitSha).FirstAsync(TestContext.Current.CancellationToken);
    }
}
