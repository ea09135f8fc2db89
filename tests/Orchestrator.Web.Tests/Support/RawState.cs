using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>States as terraform writes them, and how clients hand them in.</summary>
internal static class RawState
{
    public const string Lineage = "line";

    /// <summary>A state with one output, <c>words</c>.</summary>
    public static byte[] Of(long serial, string lineage = Lineage, string output = "said") =>
        Of(serial, new JsonObject { ["words"] = new JsonObject { ["value"] = output, ["type"] = "string" } }, lineage);

    public static byte[] Of(long serial, JsonObject outputs, string lineage = Lineage) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["version"] = 4,
        ["terraform_version"] = "1.11.4",
        ["serial"] = serial,
        ["lineage"] = lineage,
        ["outputs"] = outputs,
        ["resources"] = new JsonArray(),
    }.ToJsonString());

#pragma warning disable CA5351 // The protocol's own checksum.
    public static string Md5Of(byte[] raw) => Convert.ToHexStringLower(MD5.HashData(raw));
#pragma warning restore CA5351

    /// <summary>Says that a state will come: its serial, lineage and checksum, and what else is given.</summary>
    public static Task<Answer> AnnounceAsync(
        this TestWorkspace workspace, ApiClient api, byte[] raw, long serial, JsonObject? more = null, params (string, string, string)[] relationships)
    {
        var attributes = new JsonObject { ["serial"] = serial, ["lineage"] = Lineage, ["md5"] = Md5Of(raw) };
        foreach (var (name, value) in more ?? [])
        {
            attributes[name] = value?.DeepClone();
        }
        return api.PostAsync($"workspaces/{workspace.Id}/state-versions", ApiClient.Document("state-versions", attributes, relationships));
    }

    /// <summary>Hands a state in whole. The workspace's lock must be the caller's.</summary>
    public static async Task<Answer> PushAsync(this TestWorkspace workspace, ApiClient api, byte[] raw, long serial) =>
        (await workspace.AnnounceAsync(api, raw, serial, new JsonObject { ["state"] = Convert.ToBase64String(raw) })).Expect(201);

    /// <summary>Where the announced state is sent to.</summary>
    public static string UploadUrl(this Answer announced, string form = "state") => announced.Attributes[$"hosted-{form}-upload-url"]!.GetValue<string>();

    public static string DownloadUrl(this Answer version, string form = "state") => version.Attributes[$"hosted-{form}-download-url"]!.GetValue<string>();
}
