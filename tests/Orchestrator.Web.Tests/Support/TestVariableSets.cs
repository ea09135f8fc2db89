using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Variable sets, through the API alone.</summary>
internal static class TestVariableSets
{
    public static JsonObject Variable(string key, string value, string category = "terraform", bool hcl = false, bool sensitive = false) => new()
    {
        ["type"] = "vars",
        ["attributes"] = new JsonObject
        {
            ["key"] = key, ["value"] = value, ["category"] = category, ["hcl"] = hcl, ["sensitive"] = sensitive,
        },
    };

    /// <param name="relationships">Lists by their name: <c>vars</c>, <c>workspaces</c>, <c>projects</c>; a single one is <c>parent</c>.</param>
    public static JsonObject Document(JsonObject attributes, params (string Name, JsonNode Data)[] relationships) => new()
    {
        ["data"] = new JsonObject
        {
            ["type"] = "varsets",
            ["attributes"] = attributes,
            ["relationships"] = new JsonObject(relationships.Select(relationship => KeyValuePair.Create<string, JsonNode?>(
                relationship.Name, new JsonObject { ["data"] = relationship.Data }))),
        },
    };

    public static JsonArray References(string type, params string[] ids) =>
        [.. ids.Select(id => new JsonObject { ["type"] = type, ["id"] = id })];

    public static Task<Answer> PostSetAsync(this ApiClient api, string organization, string name, JsonObject? attributes, params (string Name, JsonNode Data)[] relationships)
    {
        var all = attributes ?? [];
        all["name"] = name;
        return api.PostAsync($"organizations/{organization}/varsets", Document(all, relationships));
    }

    public static async Task<string> CreateSetAsync(
        this ApiClient api, string organization, string name, JsonObject? attributes, params (string Name, JsonNode Data)[] relationships) =>
        (await api.PostSetAsync(organization, name, attributes, relationships)).Expect(201).Id;

    public static Task<Answer> SendListAsync(this ApiClient api, HttpMethod method, string path, JsonArray data) =>
        api.SendTextAsync(method, path, new JsonObject { ["data"] = data }.ToJsonString());
}
