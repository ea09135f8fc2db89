using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Web.Pages.Runs;
using static Orchestrator.Web.Pages.Parts.JsonParts;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>One instance of a resource in a state.</summary>
/// <param name="DependsOn">Resources, by their addresses.</param>
public sealed record StateEntry(string Address, string Type, string Provider, IReadOnlyList<string> DependsOn);

/// <summary>What differs between two raw states. What either calls sensitive is not told.</summary>
/// <param name="LeftOut">There are more than a page should show.</param>
public sealed record StateDiff(IReadOnlyList<ResourceChange> Resources, IReadOnlyList<ResourceChange> Outputs, int LeftOut)
{
    private const int MaxShown = 300;

    // As deep as the store takes states.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };
    private static readonly JsonSerializerOptions DeepWriting = new() { MaxDepth = Deep.MaxDepth };

    public int Count => Resources.Count + LeftOut;

    /// <exception cref="JsonException">One of them is no state.</exception>
    internal static StateDiff Between(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        using JsonDocument old = JsonDocument.Parse(before, Deep), fresh = JsonDocument.Parse(after, Deep);
        var resources = Compare(InstancesOf(old.RootElement), InstancesOf(fresh.RootElement));
        return new StateDiff(
            [.. resources.Take(MaxShown)], [.. Compare(OutputsOf(old.RootElement), OutputsOf(fresh.RootElement)).Take(MaxShown)],
            Math.Max(0, resources.Count - MaxShown));
    }

    internal static IReadOnlyList<StateEntry> Entries(ReadOnlyMemory<byte> state)
    {
        using var document = JsonDocument.Parse(state, Deep);
        return [.. Instances(document.RootElement)
            .Select(found => new StateEntry(
                found.Address, found.Type, found.Provider,
                [.. Items(Part(found.Instance, "dependencies")).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]))
            .OrderBy(entry => entry.Address, StringComparer.Ordinal)];
    }

    private static List<ResourceChange> Compare(Dictionary<string, Value> before, Dictionary<string, Value> after)
    {
        var changes = new List<ResourceChange>();
        foreach (var address in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (old, fresh) = (before.GetValueOrDefault(address), after.GetValueOrDefault(address));
            if (old is not null && fresh is not null && JsonElement.DeepEquals(old.Content, fresh.Content))
            {
                continue;
            }
            var kind = old is null ? ChangeKind.Create : fresh is null ? ChangeKind.Destroy : ChangeKind.Update;
            var (attributes, leftOut) = AttributeChanges.Of(Lay(old, fresh));
            changes.Add(new ResourceChange(address, kind, null, null, null, attributes, leftOut));
        }
        return [.. changes.OrderBy(change => change.Kind)];
    }

    /// <summary>In the form that a plan has for a change, with terraform's marks.</summary>
    private static JsonElement Lay(Value? before, Value? after)
    {
        var change = new JsonObject { ["after_unknown"] = new JsonObject() };
        if (before is not null)
        {
            (change["before"], change["before_sensitive"]) = (JsonNode.Parse(before.Content.GetRawText(), documentOptions: Deep), before.Sensitive.DeepClone());
        }
        if (after is not null)
        {
            (change["after"], change["after_sensitive"]) = (JsonNode.Parse(after.Content.GetRawText(), documentOptions: Deep), after.Sensitive.DeepClone());
        }
        return JsonSerializer.SerializeToElement(change, DeepWriting);
    }

    private static Dictionary<string, Value> InstancesOf(JsonElement root)
    {
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var found in Instances(root))
        {
            values[found.Address] = new Value(Part(found.Instance, "attributes"), SensitiveOf(found.Instance));
        }
        return values;
    }

    private static IEnumerable<(string Address, string Type, string Provider, JsonElement Instance)> Instances(JsonElement root)
    {
        foreach (var resource in Items(Part(root, "resources")))
        {
            var (module, type) = (Text(resource, "module"), Text(resource, "type"));
            var address = $"{(module.Length > 0 ? module + "." : "")}{(Text(resource, "mode") == "data" ? "data." : "")}{type}.{Text(resource, "name")}";
            foreach (var instance in Items(Part(resource, "instances")).Where(instance => Part(instance, "deposed").ValueKind == JsonValueKind.Undefined))
            {
                var index = Part(instance, "index_key");
                yield return (index.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? address : $"{address}[{index.GetRawText()}]",
                    type, Text(resource, "provider"), instance);
            }
        }
    }

    private static Dictionary<string, Value> OutputsOf(JsonElement root) =>
        Part(root, "outputs") is { ValueKind: JsonValueKind.Object } outputs
            ? outputs.EnumerateObject().ToDictionary(
                output => output.Name,
                output =>
                {
                    var wrapped = new JsonObject { ["value"] = JsonNode.Parse(Part(output.Value, "value") is { ValueKind: not JsonValueKind.Undefined } value ? value.GetRawText() : "null", documentOptions: Deep) };
                    return new Value(
                        JsonSerializer.SerializeToElement(wrapped, DeepWriting),
                        Part(output.Value, "sensitive").ValueKind == JsonValueKind.True ? JsonValue.Create(true) : new JsonObject());
                }, StringComparer.Ordinal)
            : [];

    /// <summary>Terraform lists paths: <c>[[{"type":"get_attr","value":"password"}]]</c>. Where one cannot be read, nothing of it is told.</summary>
    private static JsonNode SensitiveOf(JsonElement instance)
    {
        var marks = new JsonObject();
        foreach (var path in Items(Part(instance, "sensitive_attributes")))
        {
            var at = marks;
            var steps = Items(path).ToList();
            for (var step = 0; step < steps.Count; step++)
            {
                // An element of a list or a map: everything in it is taken for sensitive.
                if (Text(steps[step], "type") != "get_attr" || Text(steps[step], "value") is not { Length: > 0 } name)
                {
                    return step == 0 ? JsonValue.Create(true) : marks;
                }
                var isLast = step == steps.Count - 1 || Text(steps[step + 1], "type") != "get_attr";
                if (isLast)
                {
                    at[name] = true;
                    break;
                }
                if (at[name] is not JsonObject deeper)
                {
                    if (at[name] is not null)
                    {
                        break;
                    }
                    at[name] = deeper = [];
                }
                at = deeper;
            }
        }
        return marks;
    }

    private static string Text(JsonElement element, string name) =>
        Part(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    private sealed record Value(JsonElement Content, JsonNode Sensitive);
}
