using System.Security.Cryptography;
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
        var raw = State(serial: 3);

        var announced = (await AnnounceAsync(platform, workspace, raw, serial: 3)).Expect(201);
        Assert.Equal("pending", announced.Attributes["status"]!.GetValue<string>());
        (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).ExpectError(404);
        (await platform.Anonymous.PutAsync(UploadUrlOf(announced), raw)).Expect(200);

        var current = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200);
        Assert.Equal(announced.Id, current.Id);
        Assert.Equal("finalized", current.Attributes["status"]!.GetValue<string>());
        Assert.Equal("1", Assert.Single(current.Headers.GetValues("X-Terraform-Snapshot-Interval")));
        Assert.Equal(raw, (await platform.Anonymous.GetAsync(current.Attributes["hosted-state-download-url"]!.GetValue<string>())).Expect(200).Bytes);
        // Once is enough.
        (await platform.Anonymous.PutAsync(UploadUrlOf(announced), raw)).ExpectError(409);
    }

    [Theory, EachDatabase]
    public async Task A_state_that_does_not_follow_is_refused(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await LockedAsync(platform);
        var first = State(serial: 3);
        (await platform.Anonymous.PutAsync(UploadUrlOf((await AnnounceAsync(platform, workspace, first, serial: 3)).Expect(201)), first)).Expect(200);

        (await AnnounceAsync(platform, workspace, State(serial: 2), serial: 2)).ExpectError(409);
        (await AnnounceAsync(platform, workspace, State(serial: 3, output: "another"), serial: 3)).ExpectError(409);
        (await AnnounceAsync(platform, workspace, State(serial: 4, lineage: "other"), serial: 4, lineage: "other")).ExpectError(409);
        (await AnnounceAsync(platform, workspace, State(serial: 1, lineage: "other"), serial: 1, lineage: "other", force: true)).Expect(201);
        (await AnnounceAsync(platform, workspace, State(serial: 4), serial: 4)).Expect(201);
    }

    [Fact]
    public async Task A_state_is_taken_only_from_whoever_holds_the_lock()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        (await AnnounceAsync(platform, workspace, State(serial: 1), serial: 1)).ExpectError(409);
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
        var announced = (await AnnounceAsync(platform, workspace, raw, serial: 1)).Expect(201);

        var refused = await platform.Anonymous.PutAsync(UploadUrlOf(announced), raw);

        Assert.True(refused.Status == 422, $"{kind}: {refused.Status} {refused.Text}");
        refused.ExpectError(422);
        Assert.Null(await workspace.StateAsync());
    }

    [Fact]
    public async Task A_document_with_another_checksum_is_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await LockedAsync(platform);
        var announced = (await AnnounceAsync(platform, workspace, State(serial: 1), serial: 1)).Expect(201);

        (await platform.Anonymous.PutAsync(UploadUrlOf(announced), State(serial: 1, output: "altered on the way"))).ExpectError(422);
        // The right one is still welcome.
        (await platform.Anonymous.PutAsync(UploadUrlOf(announced), State(serial: 1))).Expect(200);
    }

    [Fact]
    public async Task A_state_sent_inline_is_final_at_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await LockedAsync(platform);

        var stored = (await AnnounceAsync(platform, workspace, State(serial: 1), serial: 1, inline: true)).Expect(201);

        Assert.Equal("finalized", stored.Attributes["status"]!.GetValue<string>());
        Assert.Equal("\"said\"", await workspace.OutputAsync("words"));
    }

    private static async Task<TestWorkspace> LockedAsync(Platform platform)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        return workspace;
    }

    private static string UploadUrlOf(Answer announced) => announced.Attributes["hosted-state-upload-url"]!.GetValue<string>();

    private static byte[] State(long serial, string lineage = "line", string output = "said") => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["version"] = 4,
        ["terraform_version"] = "1.11.4",
        ["serial"] = serial,
        ["lineage"] = lineage,
        ["outputs"] = new JsonObject { ["words"] = new JsonObject { ["value"] = output, ["type"] = "string" } },
        ["resources"] = new JsonArray(),
    }.ToJsonString());

    private static Task<Answer> AnnounceAsync(
        Platform platform, TestWorkspace workspace, byte[] raw, long serial, string lineage = "line", bool force = false, bool inline = false)
    {
#pragma warning disable CA5351 // The protocol's own checksum.
        var md5 = Convert.ToHexStringLower(MD5.HashData(raw));
#pragma warning restore CA5351
        var attributes = new JsonObject { ["serial"] = serial, ["lineage"] = lineage, ["md5"] = md5, ["force"] = force };
        if (inline)
        {
            attributes["state"] = Convert.ToBase64String(raw);
        }
        return platform.Api.PostAsync($"workspaces/{workspace.Id}/state-versions", ApiClient.Document("state-versions", attributes));
    }
}
