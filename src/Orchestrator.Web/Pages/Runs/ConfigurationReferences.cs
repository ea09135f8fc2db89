using System.Text.Json;
using static Orchestrator.Web.Pages.Parts.JsonParts;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>Which resource refers to which, from the configuration that a plan's JSON holds. Names of modules are part of the addresses.</summary>
/// <remarks>The JSON does not say what a <c>local</c> stands for, so what refers through one is not found.</remarks>
internal static class ConfigurationReferences
{
    private const int MaxDepth = 12;

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(JsonElement plan)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (Part(Part(plan, "configuration"), "root_module") is { ValueKind: JsonValueKind.Object } root)
        {
            new Module("", root, null, default).Collect(found, MaxDepth);
        }
        return found;
    }

    private static IEnumerable<JsonProperty> Members(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                yield return member;
            }
        }
    }

    /// <summary>All that expressions below this one name.</summary>
    private static IEnumerable<string> Mentioned(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => member.NameEquals("references")
            ? Items(member.Value).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
            : Mentioned(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Mentioned),
        _ => [],
    };

    private sealed record Module(string Path, JsonElement Body, Module? Parent, JsonElement Call)
    {
        public void Collect(Dictionary<string, IReadOnlyList<string>> found, int depth)
        {
            foreach (var resource in Items(Part(Body, "resources")))
            {
                if (Part(resource, "address") is { ValueKind: JsonValueKind.String } address)
                {
                    found[Path + address.GetString()] = [.. MentionedBy(resource)
                        .SelectMany(reference => Resolve(reference, MaxDepth)).Distinct(StringComparer.Ordinal)];
                }
            }
            foreach (var call in Members(Part(Body, "module_calls")))
            {
                if (depth > 0)
                {
                    Inside(call).Collect(found, depth - 1);
                }
            }
        }

        private static IEnumerable<string> MentionedBy(JsonElement resource) =>
            new[] { "expressions", "for_each_expression", "count_expression" }.SelectMany(part => Mentioned(Part(resource, part)))
                .Concat(Items(Part(resource, "depends_on")).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!));

        private Module Inside(JsonProperty call) => new($"{Path}module.{call.Name}.", Part(call.Value, "module"), this, call.Value);

        /// <summary>The resources that a reference comes from.</summary>
        private IEnumerable<string> Resolve(string reference, int depth)
        {
            var parts = PlanGraph.ResourceOf(reference).Split('.');
            if (depth == 0 || parts.Length < 2)
            {
                return [];
            }
            return parts[0] switch
            {
                "var" => Parent is null ? [] : Mentioned(Part(Part(Call, "expressions"), parts[1])).SelectMany(other => Parent.Resolve(other, depth - 1)),
                "module" => parts.Length < 3 ? [] : ResolveOutput(parts[1], parts[2], depth),
                "local" or "each" or "count" or "path" or "terraform" or "self" => [],
                "data" => parts.Length < 3 ? [] : [$"{Path}data.{parts[1]}.{parts[2]}"],
                _ => [$"{Path}{parts[0]}.{parts[1]}"],
            };
        }

        private IEnumerable<string> ResolveOutput(string module, string output, int depth)
        {
            var calls = Members(Part(Body, "module_calls")).Where(call => call.NameEquals(module)).ToList();
            if (calls.Count == 0)
            {
                return [];
            }
            var inside = Inside(calls[0]);
            return Mentioned(Part(Part(inside.Body, "outputs"), output)).SelectMany(other => inside.Resolve(other, depth - 1));
        }
    }
}
