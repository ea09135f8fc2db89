using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

/// <summary>The same way for each service: its payloads, its API and its addresses of repositories, over real git.</summary>
public sealed class ServiceTests
{
    private const string One = """
        resource "terraform_data" "one" { input = "one" }
        """;

    /// <param name="name">Of the repository, as the service calls it.</param>
    /// <param name="reference">Under which the repository has a fork's commits; null: it has not, and the fork is asked.</param>
    [Theory]
    [InlineData("gitlab_community_edition", "acme/network", "refs/merge-requests/7/head")]
    [InlineData("gitea", "acme/network", "refs/pull/7/head")]
    [InlineData("bitbucket_hosted", "acme/network", null)]
    [InlineData("bitbucket_data_center", "NET/network", "refs/pull-requests/7/from")]
    [InlineData("ado_server", "acme/All of it/_git/network", "refs/pull/7/merge")]
    public async Task Its_pushes_and_its_forks_pull_requests_become_runs_that_are_told_where_they_belong(string service, string name, string? reference)
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync(name);
        await repository.PushAsync("Begin", "main", ("main.tf", One));
        var connection = await TestConnection.CreateAsync(platform, host, more: new JsonObject { ["service-provider"] = service });
        // Nobody serves the pool: queued is what counts.
        var pool = (await platform.Api.PostAsync($"organizations/{connection.Organization}/agent-pools", ApiClient.Document("agent-pools", new JsonObject { ["name"] = "nobody" }))).Expect(201).Id;
        var workspace = await connection.LinkAsync(repository, new JsonObject { ["execution-mode"] = "agent", ["agent-pool-id"] = pool }, new JsonObject { ["plans-forks"] = true });
        var pushed = await repository.PushAsync("Grow", "main", ("main.tf", One + "# two"));

        var push = await connection.HandleAsync(PushOf(service), ServicePayloads.Push(service, name, host.Address, pushed));

        Assert.Equal("queued", TestConnection.OutcomesOf(push)[workspace.Name]);
        Assert.Single(await workspace.RunsAsync());
        // A stranger's commit, which the service keeps where it keeps such.
        TestRepository fork = repository;
        if (reference is null)
        {
            fork = await host.CreateAsync("mallory/network");
        }
        var proposed = await fork.PushAsync("Propose", "theirs", ("main.tf", One + "# three"));
        if (reference is not null)
        {
            await fork.RunAsync("push", "-q", "origin", $"theirs:{reference}", ":theirs");
        }
        var request = await connection.HandleAsync(RequestOf(service), ServicePayloads.PullRequest(service, name, host.Address, proposed));

        Assert.Equal("queued", TestConnection.OutcomesOf(request)[workspace.Name]);
        Assert.Single(await workspace.RunsAsync("plan_only"));
        await using var db = platform.Open();
        var id = new WorkspaceId(workspace.Id);
        var stored = await (
            from version in db.ConfigurationVersions
            where version.WorkspaceId == id && version.FromFork && version.Speculative
            join ingress in db.IngressAttributes on version.Id equals ingress.ConfigurationVersionId
            select new { ingress.CommitSha, ingress.PullRequestNumber }).SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((proposed, 7), (stored.CommitSha, stored.PullRequestNumber));
        // The mark carries the whole hash, also where the delivery had a short one; the comment is the pull request's.
        await Wait.UntilAsync("the marks and the comment", () => host.Told.Any(call => call.Path.Contains(proposed, StringComparison.Ordinal))
            && host.Told.Any(call => call.Method == "POST" && call.Body!.ToJsonString().Contains("Plans for", StringComparison.Ordinal)));
    }

    private static string PushOf(string service) => service switch
    {
        "gitlab_community_edition" => "Push Hook",
        "bitbucket_hosted" => "repo:push",
        "bitbucket_data_center" => "repo:refs_changed",
        _ => "push",
    };

    private static string RequestOf(string service) => service switch
    {
        "gitlab_community_edition" => "Merge Request Hook",
        "bitbucket_hosted" => "pullrequest:created",
        "bitbucket_data_center" => "pr:opened",
        _ => "pull_request",
    };
}
