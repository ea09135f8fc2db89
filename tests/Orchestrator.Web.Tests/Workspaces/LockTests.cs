using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Workspaces;

/// <summary>Locks and deletions, with the words by which clients tell their answers apart.</summary>
public sealed class LockTests
{
    [Theory]
    [InlineData("""{"reason":"for maintenance"}""", "for maintenance")]
    [InlineData("""{"data":{"type":"","attributes":{"reason":"Locked by Terraform"}}}""", "Locked by Terraform")]
    [InlineData("", "")]
    [InlineData("{}", "")]
    public async Task A_lock_takes_its_reason_from_every_shape_of_body(string body, string reason)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var locked = (await platform.Api.SendTextAsync(HttpMethod.Post, $"workspaces/{workspace.Id}/actions/lock", body)).Expect(200);

        Assert.True(locked.Attributes["locked"]!.GetValue<bool>());
        Assert.Equal(reason, locked.Attributes["locked-reason"]!.GetValue<string>());
        Assert.Equal("users", locked.Data["relationships"]!["locked-by"]!["data"]!["type"]!.GetValue<string>());
    }

    [Theory, EachDatabase]
    public async Task Clients_are_told_in_their_words_why_a_lock_cannot_be_taken_or_given_back(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        Task<Answer> Act(string action) => platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/{action}");

        Assert.Contains("not locked", Detail((await Act("unlock")).ExpectError(409)), StringComparison.Ordinal);
        Assert.Contains("not locked", Detail((await Act("force-unlock")).ExpectError(409)), StringComparison.Ordinal);
        (await Act("lock")).Expect(200);
        Assert.Contains("already locked", Detail((await Act("lock")).ExpectError(409)), StringComparison.Ordinal);
        (await Act("unlock")).Expect(200);

        await workspace.UploadSampleAsync("hello");
        await (await workspace.StartAsync()).ReachAsync("planned");
        Assert.Contains("is locked by Run", Detail((await Act("unlock")).ExpectError(409)), StringComparison.Ordinal);
        Assert.Equal("runs", (await workspace.ReadAsync()).Data["relationships"]!["locked-by"]!["data"]!["type"]!.GetValue<string>());
        // While it works, its state must not be touched, whoever asks.
        (await Act("force-unlock")).ExpectError(409);
    }

    [Theory, EachDatabase]
    public async Task A_lock_is_not_given_back_while_a_state_is_on_its_way(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var (id, url, raw) = await AnnounceAsync(platform, workspace, resources: 0);

        var refused = (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).ExpectError(503);
        Assert.Contains("latest state version is still pending", Detail(refused), StringComparison.Ordinal);
        var deletion = (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/safe-delete")).ExpectError(409);
        Assert.Contains("locked", Detail(deletion), StringComparison.Ordinal);
        (await platform.Anonymous.PutAsync(url, raw)).Expect(200);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);

        // Whoever died on the way keeps nobody waiting for ever.
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var (abandoned, _, _) = await AnnounceAsync(platform, workspace, resources: 0, serial: 2);
        await using (var db = platform.Open())
        {
            var before = TimeProvider.System.GetUtcNow() - PendingStates.Patience - TimeSpan.FromSeconds(1);
            await db.StateVersions.Where(state => state.Id == new StateVersionId(abandoned) || state.Id == new StateVersionId(id))
                .ExecuteUpdateAsync(set => set.SetProperty(state => state.CreatedAt, before), TestContext.Current.CancellationToken);
        }
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
    }

    [Theory, EachDatabase]
    public async Task A_workspace_is_deleted_safely_only_when_nothing_is_lost(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var byName = $"organizations/{workspace.Organization}/workspaces/{workspace.Name}";
        async Task Refused(string word)
        {
            foreach (var path in new[] { byName, $"workspaces/{workspace.Id}" })
            {
                Assert.Contains(word, Detail((await platform.Api.PostAsync($"{path}/actions/safe-delete")).ExpectError(409)), StringComparison.Ordinal);
            }
        }

        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        await Refused("locked");
        var (_, url, raw) = await AnnounceAsync(platform, workspace, resources: 1);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/force-unlock")).Expect(200);
        await Refused("being processed");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        (await platform.Anonymous.PutAsync(url, raw)).Expect(200);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
        await Refused("manages resources");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var (_, empty, emptied) = await AnnounceAsync(platform, workspace, resources: 0, serial: 2);
        (await platform.Anonymous.PutAsync(empty, emptied)).Expect(200);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);

        (await platform.Api.PostAsync($"{byName}/actions/safe-delete")).Expect(204);
        (await platform.Api.GetAsync($"workspaces/{workspace.Id}")).ExpectError(404);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/safe-delete")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task A_workspace_in_use_by_a_run_is_deleted_by_force_alone(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        Assert.Contains("locked", Detail((await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/safe-delete")).ExpectError(409)), StringComparison.Ordinal);
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");
        (await platform.Api.DeleteAsync($"organizations/{workspace.Organization}/workspaces/{workspace.Name}")).Expect(204);
        (await platform.Api.GetAsync($"runs/{run.Id}")).ExpectError(404);
    }

    private static string Detail(Answer refused) => refused.Error["detail"]!.GetValue<string>();

    /// <summary>A state that its writer has announced and not sent yet.</summary>
    private static async Task<(string Id, string Url, byte[] Raw)> AnnounceAsync(
        Platform platform, TestWorkspace workspace, int resources, long serial = 1)
    {
        var raw = System.Text.Encoding.UTF8.GetBytes(new JsonObject
        {
            ["version"] = 4,
            ["serial"] = serial,
            ["lineage"] = "line",
            ["outputs"] = new JsonObject(),
            ["resources"] = new JsonArray([.. Enumerable.Range(0, resources).Select(index => new JsonObject
            {
                ["mode"] = "managed",
                ["type"] = "terraform_data",
                ["name"] = $"r{index}",
                ["provider"] = "provider[\"terraform.io/builtin/terraform\"]",
                ["instances"] = new JsonArray(new JsonObject { ["attributes"] = new JsonObject() }),
            })]),
        }.ToJsonString());
#pragma warning disable CA5351 // The protocol's own checksum.
        var md5 = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(raw));
#pragma warning restore CA5351
        var announced = (await platform.Api.PostAsync($"workspaces/{workspace.Id}/state-versions", ApiClient.Document(
            "state-versions", new JsonObject { ["serial"] = serial, ["lineage"] = "line", ["md5"] = md5 }))).Expect(201);
        return (announced.Id, announced.Attributes["hosted-state-upload-url"]!.GetValue<string>(), raw);
    }
}
