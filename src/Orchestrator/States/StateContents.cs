using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.States;

/// <summary>What a state is about, counted: for people and programs that need no values.</summary>
/// <param name="Modules">For each module, and in it for each type of resource, how many instances there are.</param>
/// <param name="Providers">The same for each provider.</param>
public sealed record StateContents(
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Modules,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Providers,
    IReadOnlyList<StateResource> Resources)
{
    /// <summary>Instances that terraform manages; data sources are only read.</summary>
    [JsonIgnore]
    public int ManagedCount => Resources.Where(resource => !resource.IsData).Sum(resource => resource.Count);

    public string ToJson() => JsonSerializer.Serialize(this, StateContentsJson.Default.StateContents);

    public static StateContents Parse(string json) => JsonSerializer.Deserialize(json, StateContentsJson.Default.StateContents)!;

    internal static StateContents Of(JsonElement root)
    {
        StateResource[] resources = root.TryGetProperty("resources", out var array) && array.ValueKind != JsonValueKind.Null
            ? [.. array.EnumerateArray().Select(Read)]
            : [];
        return new StateContents(
            CountBy(resources, resource => resource.Module), CountBy(resources, resource => resource.Provider), resources);
    }

    private static StateResource Read(JsonElement resource)
    {
        // Formats older than 4 have neither here.
        string Text(string name) => resource.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
        var type = Text("type");
        var module = Text("module");
        var count = resource.TryGetProperty("instances", out var instances) ? instances.GetArrayLength() : 0;
        return new StateResource(
            Text("name"), Text("mode") == "data" ? "data." + type : type, count, module.Length == 0 ? StateResource.RootModule : module, Text("provider"));
    }

    private static Dictionary<string, IReadOnlyDictionary<string, int>> CountBy(StateResource[] resources, Func<StateResource, string> key) => resources
        .GroupBy(key, StringComparer.Ordinal)
        .ToDictionary(
            group => group.Key,
            IReadOnlyDictionary<string, int> (group) => group
                // The API's clients read the types with dashes.
                .GroupBy(resource => resource.Type.Replace('_', '-'), StringComparer.Ordinal)
                .ToDictionary(types => types.Key, types => types.Sum(resource => resource.Count), StringComparer.Ordinal),
            StringComparer.Ordinal);
}

/// <param name="Type">Such as <c>aws_instance</c>, or <c>data.aws_ami</c> for a data source.</param>
/// <param name="Module">Such as <c>module.network</c>, or <c>root</c>.</param>
/// <param name="Provider">Such as <c>provider["registry.terraform.io/hashicorp/aws"]</c>.</param>
public sealed record StateResource(string Name, string Type, int Count, string Module, string Provider)
{
    internal const string RootModule = "root";

    [JsonIgnore]
    public bool IsData => Type.StartsWith("data.", StringComparison.Ordinal);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(StateContents))]
internal sealed partial class StateContentsJson : JsonSerializerContext;
