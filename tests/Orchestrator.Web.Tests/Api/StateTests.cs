using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>State as people and the CLI push it: announced, then uploaded, by whoever holds the lock.</summary>
public sealed class StateTests
{
    [Theory, EachDatabase]
    public async Task A_pushed_state_is_current_and_comes_back_byte_by_byte(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var raw = RawState.Of(serial: 3);

        var announced = (await workspace.AnnounceAsync(platform.Api, raw, 3)).Expect(201);
        Assert.Equal("pending", announced.Attributes["status"]!.GetValue<string>());
        var none = await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version");
        none.ExpectError(404);
        // Without it terraform stores no state before the end of its first apply.
        Assert.Equal("1", Assert.Single(none.Headers.GetValues("X-Terraform-Snapshot-Interval")));
        (await platform.Anonymous.PutAsync(announced.UploadUrl(), raw)).Expect(200);

        var current = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200);
        Assert.Equal(announced.Id, current.Id);
        Assert.Equal("finalized", current.Attributes["status"]!.GetValue<string>());
        Assert.Equal("1", Assert.Single(current.Headers.GetValues("X-Terraform-Snapshot-Interval")));
        Assert.Equal(raw, (await platform.Anonymous.GetAsync(current.DownloadUrl())).Expect(200).Bytes);
        // Its sender may not have heard the answer, and may not change its mind.
        (await platform.Anonymous.PutAsync(announced.UploadUrl(), raw)).Expect(200);
        (await platform.Anonymous.PutAsync(announced.UploadUrl(), RawState.Of(serial: 3, output: "another"))).ExpectError(409);
        Assert.Equal(raw, (await platform.Anonymous.GetAsync(current.DownloadUrl())).Expect(200).Bytes);
    }

    [Theory, EachDatabase]
    public async Task A_state_that_does_not_follow_is_refused(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var first = RawState.Of(serial: 3);
        (await platform.Anonymous.PutAsync((await workspace.AnnounceAsync(platform.Api, first, 3)).Expect(201).UploadUrl(), first)).Expect(200);

        Assert.Contains("which is 3", (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial: 2), 2)).ExpectError(409).Text, StringComparison.Ordinal);
        (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial: 3, output: "another"), 3)).ExpectError(409);
        (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial: 4, lineage: "other"), 4, new JsonObject { ["lineage"] = "other" })).ExpectError(409);
        (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial: 1, lineage: "other"), 1, new JsonObject { ["lineage"] = "other", ["force"] = true })).Expect(201);
        (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial: 4), 4)).Expect(201);
    }

    [Fact]
    public async Task A_state_is_taken_only_from_whoever_holds_the_lock()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial: 1), 1)).ExpectError(409);
    }

    [Theory]
    [InlineData("not JSON", "no state at all")]
    [InlineData("an array", "[]")]
    [InlineData("no serial", """{"version":4,"lineage":"line"}""")]
    [InlineData("another serial", """{"version":4,"serial":2,"lineage":"line"}""")]
    [InlineData("another lineage", """{"version":4,"serial":1,"lineage":"other"}""")]
    [InlineData("a version that is none", """{"version":4,"serial":1,"lineage":"line","terraform_version":"01234567890123456789012345678901234567890"}""")]
    [InlineData("resources that are none", """{"version":4,"serial":1,"lineage":"line","resources":[7]}""")]
    public async Task A_document_that_is_not_the_announced_state_is_refused(string kind, string document)
    {
        // Only PostgreSQL minds a text that is too long for its column.
        var platform = await SharedPlatforms.OfAsync(DatabaseProvider.PostgreSql);
        var workspace = await LockedAsync(platform);
        var raw = Encoding.UTF8.GetBytes(document);
        var announced = (await workspace.AnnounceAsync(platform.Api, raw, 1)).Expect(201);

        var refused = await platform.Anonymous.PutAsync(announced.UploadUrl(), raw);

        Assert.True(refused.Status == 422, $"{kind}: {refused.Status} {refused.Text}");
        refused.ExpectError(422);
        Assert.Null(await workspace.StateAsync());
    }

    [Fact]
    public async Task A_document_with_another_checksum_is_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await LockedAsync(platform);
        var announced = (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial: 1), 1)).Expect(201);

        (await platform.Anonymous.PutAsync(announced.UploadUrl(), RawState.Of(serial: 1, output: "altered on the way"))).ExpectError(422);
        // The right one is still welcome.
        (await platform.Anonymous.PutAsync(announced.UploadUrl(), RawState.Of(serial: 1))).Expect(200);
    }

    [Fact]
    public async Task A_state_sent_inline_is_final_at_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await LockedAsync(platform);

        var stored = (await workspace.PushAsync(platform.Api, RawState.Of(serial: 1), 1)).Expect(201);

        Assert.Equal("finalized", stored.Attributes["status"]!.GetValue<string>());
        Assert.Equal("\"said\"", await workspace.OutputAsync("words"));
    }

    [Theory, EachDatabase]
    public async Task The_readable_form_may_come_first_or_last_or_with_the_state(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var json = """{"format_version":"1.0","terraform_version":"1.11.4"}"""u8.ToArray();
        async Task<Answer> AnnouncedAsync(long serial) =>
            (await workspace.AnnounceAsync(platform.Api, RawState.Of(serial), serial)).Expect(201);

        var first = await AnnouncedAsync(1);
        (await platform.Anonymous.PutAsync(first.UploadUrl("json-state"), json)).Expect(200);
        (await platform.Anonymous.PutAsync(first.UploadUrl(), RawState.Of(1))).Expect(200);
        var last = await AnnouncedAsync(2);
        (await platform.Anonymous.PutAsync(last.UploadUrl(), RawState.Of(2))).Expect(200);
        var without = (await platform.Api.GetAsync($"state-versions/{last.Id}")).Expect(200);
        (await platform.Anonymous.PutAsync(last.UploadUrl("json-state"), json)).Expect(200);
        var with = (await workspace.AnnounceAsync(platform.Api, RawState.Of(3), 3, new JsonObject
        {
            ["state"] = Convert.ToBase64String(RawState.Of(3)),
            ["json-state"] = Convert.ToBase64String(json),
            ["json-state-outputs"] = Convert.ToBase64String("{}"u8),
        })).Expect(201);

        // Nobody is sent to what is not there.
        Assert.Null(without.Attributes["hosted-json-state-download-url"]);
        foreach (var id in new[] { first.Id, last.Id, with.Id })
        {
            var version = (await platform.Api.GetAsync($"state-versions/{id}")).Expect(200);
            Assert.Equal(json, (await platform.Anonymous.GetAsync(version.DownloadUrl("json-state"))).Expect(200).Bytes);
            Assert.Equal(json, (await platform.Api.GetAsync($"state-versions/{id}/json-download")).Expect(200).Bytes);
        }
        (await platform.Anonymous.PutAsync(first.UploadUrl("json-state"), """{"format_version":"9"}"""u8.ToArray())).ExpectError(409);
        (await platform.Anonymous.PutAsync((await AnnouncedAsync(4)).UploadUrl("json-state"), "{\"format_version\":"u8.ToArray())).ExpectError(422);
    }

    [Fact]
    public async Task The_readable_form_that_nobody_has_sent_is_not_made_up()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await LockedAsync(platform);
        var stored = await workspace.PushAsync(platform.Api, RawState.Of(1), 1);

        (await platform.Api.GetAsync($"state-versions/{stored.Id}/json-download")).ExpectError(404);
        Assert.Equal(RawState.Of(1), (await platform.Api.GetAsync($"state-versions/{stored.Id}/download")).Expect(200).Bytes);
    }

    [Theory, EachDatabase]
    public async Task Announcing_the_current_state_again_leads_to_the_same_version(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var stored = await workspace.PushAsync(platform.Api, RawState.Of(1), 1);

        var again = (await workspace.AnnounceAsync(platform.Api, RawState.Of(1), 1)).Expect(201);

        Assert.Equal(stored.Id, again.Id);
        (await platform.Anonymous.PutAsync(again.UploadUrl(), RawState.Of(1))).Expect(200);
        (await platform.Anonymous.PutAsync(again.UploadUrl(), RawState.Of(1, output: "another"))).ExpectError(409);
        Assert.Single((await platform.Api.GetAsync($"workspaces/{workspace.Id}/state-versions")).Expect(200).Json["data"]!.AsArray());
    }

    [Theory]
    [InlineData("serial", null, "serial")]
    [InlineData("serial", "-1", "serial")]
    [InlineData("serial", "9007199254740992", "serial")]
    [InlineData("serial", "\"one\"", "serial")]
    [InlineData("md5", null, "md5")]
    [InlineData("md5", "\"0123456789abcdef0123456789abcdeg\"", "md5")]
    [InlineData("md5", "\"0123\"", "md5")]
    [InlineData("lineage", "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x\"", "lineage")]
    [InlineData("state", "\"not base64!\"", "state")]
    [InlineData("json-state", "\"not base64!\"", "json-state")]
    [InlineData("json-state-outputs", "\"not base64!\"", "json-state-outputs")]
    [InlineData("json-state-outputs", "\"W10=\"", "json-state-outputs")]
    [InlineData("json-state-outputs", "\"eyJhIjo=\"", "json-state-outputs")]
    public async Task An_announcement_that_cannot_be_is_refused_with_its_member(string attribute, string? value, string pointer)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await LockedAsync(platform);

        var refused = await workspace.AnnounceAsync(
            platform.Api, RawState.Of(1), 1, new JsonObject { [attribute] = value is null ? null : JsonNode.Parse(value) });

        Assert.Equal($"/data/attributes/{pointer}", refused.ExpectError(422).Pointer);
        Assert.Empty((await platform.Api.GetAsync($"workspaces/{workspace.Id}/state-versions?filter%5Bstatus%5D=pending")).Expect(200).Json["data"]!.AsArray());
    }

    [Fact]
    public async Task A_state_names_a_run_of_its_own_workspace_only()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, another) = (await LockedAsync(platform), await TestWorkspace.CreateAsync(platform.Api));
        foreach (var place in new[] { workspace, another })
        {
            await place.UploadSampleAsync("hello");
        }
        var (own, foreign) = (await workspace.StartAsync(), await another.StartAsync());
        await foreign.ReachAsync("planned");

        var refused = await workspace.AnnounceAsync(platform.Api, RawState.Of(1), 1, null, ("run", "runs", foreign.Id));
        var taken = await workspace.AnnounceAsync(platform.Api, RawState.Of(1), 1, null, ("run", "runs", own.Id));

        Assert.Equal("/data/relationships/run", refused.ExpectError(422).Pointer);
        Assert.Equal(own.Id, taken.Expect(201).RelatedId("run"));
        (await own.ActAsync("discard")).Expect(202);
    }

    [Theory, EachDatabase]
    public async Task Counts_of_what_a_state_holds_are_told_with_it(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""
            resource "terraform_data" "many" { count = 3 }
            """);
        await workspace.ApplyAsync();

        var state = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200).Attributes;

        Assert.True(state["resources-processed"]!.GetValue<bool>());
        Assert.Equal("""{"root":{"terraform-data":3}}""", state["modules"]!.ToJsonString());
        const string Provider = "provider[\"terraform.io/builtin/terraform\"]";
        Assert.Equal(3, state["providers"]![Provider]!["terraform-data"]!.GetValue<int>());
        var resource = Assert.Single(state["resources"]!.AsArray())!;
        Assert.Equal(("many", "terraform_data", 3, "root", Provider), (
            resource["name"]!.GetValue<string>(), resource["type"]!.GetValue<string>(), resource["count"]!.GetValue<int>(),
            resource["module"]!.GetValue<string>(), resource["provider"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_runs_own_apply_leaves_the_readable_form_and_the_run_beside_its_state()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""output "words" { value = "said" }""");
        var run = await workspace.ApplyAsync();

        var state = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200);

        Assert.Equal(run.Id, state.RelatedId("run"));
        var json = (await platform.Api.GetAsync(state.DownloadUrl("json-state"))).Expect(200).Json;
        Assert.Equal("said", json["values"]!["outputs"]!["words"]!["value"]!.GetValue<string>());
    }

    private static async Task<TestWorkspace> LockedAsync(Platform platform)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.LockAsync();
        return workspace;
    }
}
