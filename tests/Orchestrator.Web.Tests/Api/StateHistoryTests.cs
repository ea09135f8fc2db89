using System.Text.Json.Nodes;
using Microsoft.AspNetCore.DataProtection;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>Earlier states: listed, brought back, taken away; and who comes at them.</summary>
public sealed class StateHistoryTests
{
    [Theory, EachDatabase]
    public async Task States_are_listed_newest_first_by_workspace_and_by_names(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var versions = await PushedAsync(platform, workspace, 1, 2, 3);
        var pending = (await workspace.AnnounceAsync(platform.Api, RawState.Of(4), 4)).Expect(201).Id;
        var names = $"state-versions?filter%5Borganization%5D%5Bname%5D={workspace.Organization}&filter%5Bworkspace%5D%5Bname%5D={workspace.Name}";

        string[] newestFirst = [.. versions.Reverse()];
        Assert.Equal(newestFirst, await IdsAsync(platform, $"workspaces/{workspace.Id}/state-versions"));
        Assert.Equal(newestFirst, await IdsAsync(platform, names));
        Assert.Equal([versions[1]], await IdsAsync(platform, names + "&page%5Bsize%5D=1&page%5Bnumber%5D=2"));
        Assert.Equal([pending], await IdsAsync(platform, names + "&filter%5Bstatus%5D=pending"));
        Assert.Equal([pending, .. newestFirst], await IdsAsync(platform, names + "&filter%5Bstatus%5D=pending,finalized"));
    }

    [Fact]
    public async Task A_list_by_names_needs_both_names_of_a_workspace_that_exists()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        const string Organization = "state-versions?filter%5Borganization%5D%5Bname%5D=";

        (await platform.Api.GetAsync("state-versions")).ExpectError(400);
        (await platform.Api.GetAsync(Organization + workspace.Organization)).ExpectError(400);
        (await platform.Api.GetAsync($"{Organization}{workspace.Organization}&filter%5Bworkspace%5D%5Bname%5D=another")).ExpectError(404);
        (await platform.Api.GetAsync($"{Organization}another&filter%5Bworkspace%5D%5Bname%5D={workspace.Name}")).ExpectError(404);
        (await platform.Api.GetAsync($"workspaces/{workspace.Id}/state-versions?filter%5Bstatus%5D=gone")).ExpectError(400);
    }

    [Theory, EachDatabase]
    public async Task An_earlier_state_comes_back_as_a_new_version(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var versions = await PushedAsync(platform, workspace, 5, 6);

        var back = (await RollBackAsync(platform, workspace, versions[0])).Expect(201);

        Assert.Equal(7, back.Attributes["serial"]!.GetValue<long>());
        Assert.Equal(versions[0], back.RelatedId("rollback-state-version"));
        Assert.Equal(versions[1], back.RelatedId("previous-state-version"));
        Assert.Equal(back.Id, (await platform.Api.GetAsync($"state-versions/{versions[1]}")).Expect(200).RelatedId("next-state-version"));
        Assert.Equal(back.Id, (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200).Id);
        Assert.Equal("\"from 5\"", await workspace.OutputAsync("words"));
        Assert.Equal(7, (await workspace.StateAsync())!["serial"]!.GetValue<long>());
    }

    [Fact]
    public async Task Nothing_rolls_back_without_the_lock_or_to_what_is_not_the_workspaces()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, another) = (await LockedAsync(platform), await LockedAsync(platform));
        var own = Assert.Single(await PushedAsync(platform, workspace, 1));
        var foreign = Assert.Single(await PushedAsync(platform, another, 1));

        Assert.Equal("/data/relationships/rollback-state-version", (await RollBackAsync(platform, workspace, foreign)).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/rollback-state-version", (await platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}/state-versions", ApiClient.Document("state-versions"))).ExpectError(422).Pointer);
        await workspace.UnlockAsync();
        (await RollBackAsync(platform, workspace, own)).ExpectError(409);
        (await platform.Api.PatchAsync("workspaces/ws-0123456789abcdef/state-versions", ApiClient.Document(
            "state-versions", null, ("rollback-state-version", "state-versions", own)))).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task The_documents_of_old_states_are_put_away_brought_back_and_deleted(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var versions = await PushedAsync(platform, workspace, 1, 2);
        Task<Answer> Act(string version, string action) => platform.Api.PostAsync($"state-versions/{version}/actions/{action}_backing_data");
        var before = (await platform.Api.GetAsync($"state-versions/{versions[0]}")).Expect(200).DownloadUrl();

        (await Act(versions[1], "soft_delete")).ExpectError(400);
        (await Act(versions[0], "permanently_delete")).ExpectError(400);
        var deleted = (await Act(versions[0], "soft_delete")).Expect(200);
        Assert.Equal("backing_data_soft_deleted", deleted.Attributes["status"]!.GetValue<string>());
        Assert.Null(deleted.Attributes["hosted-state-download-url"]);
        Assert.Single(OutputsOf(deleted));
        (await platform.Anonymous.GetAsync(before)).ExpectError(404);
        (await platform.Api.GetAsync($"state-versions/{versions[0]}/download")).ExpectError(404);
        (await Act(versions[0], "restore")).Expect(200);
        (await platform.Anonymous.GetAsync(before)).Expect(200);
        (await Act(versions[0], "soft_delete")).Expect(200);
        var gone = (await Act(versions[0], "permanently_delete")).Expect(200);
        Assert.Equal("backing_data_permanently_deleted", gone.Attributes["status"]!.GetValue<string>());
        Assert.Empty(OutputsOf(gone));
        (await Act(versions[0], "restore")).ExpectError(400);
        (await RollBackAsync(platform, workspace, versions[0])).ExpectError(422);
        Assert.Equal(2, (await IdsAsync(platform, $"workspaces/{workspace.Id}/state-versions")).Count);

        static JsonArray OutputsOf(Answer version) => version.Data["relationships"]!["outputs"]!["data"]!.AsArray();
    }

    [Fact]
    public async Task A_link_opens_one_state_in_one_way_until_its_time_is_over()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await LockedAsync(platform);
        var version = Assert.Single(await PushedAsync(platform, workspace, 1));
        var link = (await platform.Api.GetAsync($"state-versions/{version}")).Expect(200).DownloadUrl();
        var protector = platform.Get<IDataProtectionProvider>().CreateProtector("Orchestrator.Links.v2").ToTimeLimitedDataProtector();
        string Made(LinkKind kind, string id, TimeSpan life) => protector.Protect($"{EnumText.Of(kind)}|{id}|user|{User.AdminId}||admin", DateTimeOffset.UtcNow + life);

        (await platform.Anonymous.GetAsync(link)).Expect(200);
        (await platform.Anonymous.GetAsync($"downloads/states/{Made(LinkKind.StateDownload, version, TimeSpan.FromMinutes(1))}")).Expect(200);
        (await platform.Anonymous.GetAsync($"downloads/states/{Made(LinkKind.StateDownload, version, TimeSpan.FromSeconds(-1))}")).ExpectError(404);
        (await platform.Anonymous.GetAsync($"downloads/states/{Made(LinkKind.StateUpload, version, TimeSpan.FromMinutes(1))}")).ExpectError(404);
        (await platform.Anonymous.GetAsync(link.Replace("/states/", "/states-json/", StringComparison.Ordinal))).ExpectError(404);
        (await platform.Anonymous.PutAsync(link.Replace("/downloads/", "/uploads/", StringComparison.Ordinal), RawState.Of(2))).ExpectError(404);
        (await platform.Anonymous.GetAsync($"downloads/states/{version}")).ExpectError(404);
        (await platform.Anonymous.GetAsync($"state-versions/{version}/download")).ExpectError(401);
    }

    private static async Task<TestWorkspace> LockedAsync(Platform platform)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.LockAsync();
        return workspace;
    }

    /// <summary>The ids of a version of each serial; its output says which.</summary>
    private static async Task<IReadOnlyList<string>> PushedAsync(Platform platform, TestWorkspace workspace, params long[] serials)
    {
        var ids = new List<string>();
        foreach (var serial in serials)
        {
            ids.Add((await workspace.PushAsync(platform.Api, RawState.Of(serial, output: $"from {serial}"), serial)).Id);
        }
        return ids;
    }

    private static Task<Answer> RollBackAsync(Platform platform, TestWorkspace workspace, string to) => platform.Api.PatchAsync(
        $"workspaces/{workspace.Id}/state-versions",
        ApiClient.Document("state-versions", null, ("rollback-state-version", "state-versions", to)));

    private static async Task<IReadOnlyList<string>> IdsAsync(Platform platform, string path) =>
        [.. (await platform.Api.GetAsync(path)).Expect(200).Json["data"]!.AsArray().Select(version => version!["id"]!.GetValue<string>())];
}
