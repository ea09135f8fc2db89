using System.Text.Json.Nodes;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Workspaces;

/// <summary>One workspace's run reads another one's state: where it is shared, and nowhere else.</summary>
public sealed class RemoteStateTests
{
    [Fact]
    public async Task Consumers_are_named_one_by_one()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (shared, reader) = await PairAsync(platform);
        var another = await TestWorkspace.CreateAsync(platform.Api, organization: shared.Organization);
        var stranger = await TestWorkspace.CreateAsync(platform.Api);
        Task<Answer> Change(HttpMethod method, params string[] ids) =>
            platform.Api.SendTextAsync(method, Consumers(shared), ApiLists.Of("workspaces", ids).ToJsonString());
        async Task<IEnumerable<string>> Names() => (await platform.Api.GetAsync(Consumers(shared))).Each().Order(StringComparer.Ordinal);
        string[] both = [.. new[] { reader.Name, another.Name }.Order(StringComparer.Ordinal)];

        (await Change(HttpMethod.Post, reader.Id)).Expect(204);
        (await Change(HttpMethod.Post, reader.Id, another.Id)).Expect(204);
        Assert.Equal(both, await Names());
        (await Change(HttpMethod.Delete, reader.Id)).Expect(204);
        Assert.Equal([another.Name], await Names());
        (await Change(HttpMethod.Patch, reader.Id)).Expect(204);
        Assert.Equal([reader.Name], await Names());
        (await Change(HttpMethod.Post, stranger.Id)).ExpectError(422);
        (await Change(HttpMethod.Patch, another.Id, "ws-0000000000000000")).ExpectError(422);
        Assert.Equal([reader.Name], await Names());

        (await platform.Api.PatchAsync($"workspaces/{shared.Id}", ApiClient.Document("workspaces", new JsonObject { ["global-remote-state"] = true }))).Expect(200);
        (await Change(HttpMethod.Post, another.Id)).ExpectError(422);
    }

    [Fact]
    public async Task A_runs_token_reads_a_shared_state_and_nothing_else_of_its_workspace()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (shared, reader) = await PairAsync(platform);
        await shared.SetAsync("SECRET", "a secret", "env");
        using var token = await TokenAsync(platform, reader);
        string[] open = [$"workspaces/{shared.Id}", $"organizations/{shared.Organization}/workspaces/{shared.Name}", $"workspaces/{shared.Id}/current-state-version"];
        var state = (await platform.Api.GetAsync($"workspaces/{shared.Id}/current-state-version")).Expect(200).Id;

        foreach (var path in open)
        {
            (await token.GetAsync(path)).ExpectError(404);
        }
        (await platform.Api.PostAsync(Consumers(shared), ApiLists.Of("workspaces", reader.Id))).Expect(204);
        foreach (var path in open)
        {
            (await token.GetAsync(path)).Expect(200);
        }
        var link = (await token.GetAsync(open[2])).Attributes["hosted-state-download-url"]!.GetValue<string>();
        Assert.Equal("shared", (await platform.Anonymous.GetAsync(link)).Expect(200).Json["outputs"]!["word"]!["value"]!.GetValue<string>());

        foreach (var closed in new[] { $"state-versions/{state}", $"workspaces/{shared.Id}/state-versions", $"workspaces/{shared.Id}/vars", $"workspaces/{shared.Id}/runs", $"workspaces/{shared.Id}/tag-bindings" })
        {
            (await token.GetAsync(closed)).ExpectError(404);
        }
        Assert.Null((await token.GetAsync(open[0] + "?include=vars,current_run,current_state_version,project")).Expect(200).Json["included"]?.AsArray().FirstOrDefault());
        (await token.PostAsync($"workspaces/{shared.Id}/state-versions", ApiClient.Document("state-versions", new JsonObject
        {
            ["serial"] = 9, ["md5"] = new string('0', 32),
        }))).ExpectError(404);
        (await token.PostAsync($"workspaces/{shared.Id}/actions/lock")).ExpectError(404);
        Assert.All(
            (await token.GetAsync(open[0])).Attributes["permissions"]!.AsObject().Where(permission => permission.Value!.GetValue<bool>()),
            permission => Assert.StartsWith("can-read-state", permission.Key, StringComparison.Ordinal));
        (await platform.Api.SendTextAsync(HttpMethod.Delete, Consumers(shared), ApiLists.Of("workspaces", reader.Id).ToJsonString())).Expect(204);
        (await token.GetAsync(open[2])).ExpectError(404);
    }

    [Fact]
    public async Task Sharing_with_the_organization_or_the_project_ends_at_its_borders()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (shared, reader) = await PairAsync(platform);
        var elsewhere = await TestWorkspace.CreateAsync(platform.Api, organization: shared.Organization);
        var stranger = await TestWorkspace.CreateAsync(platform.Api);
        var project = await ProjectTests.CreateAsync(platform, shared.Organization, "Elsewhere");
        (await platform.Api.PostAsync($"projects/{project}/relationships/workspaces", ApiLists.Of("workspaces", elsewhere.Id))).Expect(204);
        async Task<string> Readers(JsonObject settings)
        {
            (await platform.Api.PatchAsync($"workspaces/{shared.Id}", ApiClient.Document("workspaces", settings))).Expect(200);
            var open = "";
            foreach (var (name, workspace) in new[] { ("same", reader), ("elsewhere", elsewhere), ("stranger", stranger) })
            {
                using var token = await TokenAsync(platform, workspace);
                open += (await token.GetAsync($"workspaces/{shared.Id}/current-state-version")).Status == 200 ? $"{name} " : "";
            }
            return open.Trim();
        }

        Assert.Equal("", await Readers([]));
        Assert.Equal("same", await Readers(new JsonObject { ["project-remote-state"] = true }));
        Assert.Equal("same elsewhere", await Readers(new JsonObject { ["global-remote-state"] = true }));
        Assert.Equal("", await Readers(new JsonObject { ["global-remote-state"] = false, ["project-remote-state"] = false }));
    }

    [Fact]
    public async Task Terraform_in_a_run_reads_the_state_of_a_workspace_that_shares_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (shared, reader) = await PairAsync(platform);
        foreach (var host in new[] { $"localhost:{platform.SecureAddress.Port}", "localterraform.com" })
        {
            await reader.UploadAsync($$"""
                data "terraform_remote_state" "other" {
                  backend = "remote"
                  config = {
                    hostname     = "{{host}}"
                    organization = "{{shared.Organization}}"
                    workspaces   = { name = "{{shared.Name}}" }
                  }
                }
                output "word" { value = "read: ${data.terraform_remote_state.other.outputs.word} by {{host}}" }
                """);
            var refused = await reader.StartAsync();
            await refused.ReachAsync("errored");
            Assert.Contains("terraform_remote_state", await refused.LogAsync("plan"), StringComparison.Ordinal);

            (await platform.Api.PostAsync(Consumers(shared), ApiLists.Of("workspaces", reader.Id))).Expect(204);
            var run = await reader.ApplyAsync();
            Assert.Equal($"\"read: shared by {host}\"", await reader.OutputAsync("word"));
            Assert.DoesNotContain("orun.", await run.LogAsync("plan"), StringComparison.Ordinal);
            (await platform.Api.SendTextAsync(HttpMethod.Delete, Consumers(shared), ApiLists.Of("workspaces", reader.Id).ToJsonString())).Expect(204);
        }
    }

    private static string Consumers(TestWorkspace workspace) => $"workspaces/{workspace.Id}/relationships/remote-state-consumers";

    /// <summary>A workspace with a state, and another one of the same project.</summary>
    private static async Task<(TestWorkspace Shared, TestWorkspace Reader)> PairAsync(Platform platform)
    {
        var shared = await TestWorkspace.CreateAsync(platform.Api);
        await shared.UploadAsync("""output "word" { value = "shared" }""");
        await shared.ApplyAsync();
        return (shared, await TestWorkspace.CreateAsync(platform.Api, organization: shared.Organization));
    }

    /// <summary>What the terraform of a run of this workspace would show.</summary>
    private static async Task<ApiClient> TokenAsync(Platform platform, TestWorkspace workspace)
    {
        await workspace.UploadAsync("""output "any" { value = timestamp() }""");
        var run = await workspace.StartAsync(new JsonObject { ["plan-only"] = true });
        // Its end takes every token of the run back.
        await run.ReachAsync("planned_and_finished");
        return new ApiClient(platform.Address, await platform.Get<RunTokens>().IssueAsync(
            new RunId(run.Id), new WorkspaceId(workspace.Id), mayWriteState: true, TimeSpan.FromMinutes(5), CancellationToken.None));
    }
}
