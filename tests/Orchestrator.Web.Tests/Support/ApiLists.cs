using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Lists, as they are sent and read.</summary>
internal static class ApiLists
{
    /// <summary>The body of the routes under <c>relationships</c>.</summary>
    public static JsonObject Of(string type, params string[] ids) => new()
    {
        ["data"] = new JsonArray([.. ids.Select(id => new JsonObject { ["type"] = type, ["id"] = id })]),
    };

    /// <summary>Members that are told by their attributes.</summary>
    public static JsonObject Of(string type, params JsonObject[] attributes) => new()
    {
        ["data"] = new JsonArray([.. attributes.Select(one => new JsonObject { ["type"] = type, ["attributes"] = one })]),
    };

    /// <summary>Tags as <c>key</c> or <c>key=value</c>.</summary>
    public static JsonObject[] Tags(params string[] tags) =>
    [
        .. tags.Select(tag => tag.Split('=', 2)).Select(parts => parts.Length == 1
            ? new JsonObject { ["key"] = parts[0] }
            : new JsonObject { ["key"] = parts[0], ["value"] = parts[1] }),
    ];

    /// <summary>A document with a to-many relationship.</summary>
    public static JsonObject With(this JsonObject document, string relationship, JsonObject list)
    {
        var data = document["data"]!.AsObject();
        var relationships = data["relationships"]?.AsObject() ?? [];
        relationships[relationship] = list;
        data["relationships"] = relationships;
        return document;
    }

    /// <summary>An attribute of each member.</summary>
    public static IReadOnlyList<string> Each(this Answer list, string attribute = "name") =>
        [.. list.Expect(200).Json["data"]!.AsArray().Select(item => item!["attributes"]![attribute]!.GetValue<string>())];
}
