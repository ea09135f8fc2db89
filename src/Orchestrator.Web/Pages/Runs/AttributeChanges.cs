using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>Lays <c>before</c>, <c>after</c> and terraform's three marks (unknown, sensitive before, sensitive after) over each other.</summary>
internal static class AttributeChanges
{
    private const int MaxAttributes = 100;
    private const int MaxValue = 4000;
    private const string Sensitive = "(sensitive)";
    private const string Unknown = "(known after apply)";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The attributes that differ, by name.</returns>
    public static (IReadOnlyList<AttributeChange> Attributes, int LeftOut) Of(JsonElement change)
    {
        var replacing = ReplacePaths(change);
        var names = new[] { "before", "after", "after_unknown" }
            .Select(part => Part(change, part)).Where(part => part.ValueKind == JsonValueKind.Object)
            .SelectMany(part => part.EnumerateObject().Select(property => property.Name))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var changed = names.Where(name => Differs(change, name)).ToList();
        return ([.. changed.Take(MaxAttributes).Select(name => Show(change, name, replacing.Contains(name)))],
            Math.Max(0, changed.Count - MaxAttributes));
    }

    /// <summary>The values themselves: an output has no attributes.</summary>
    public static AttributeChange Whole(string name, JsonElement change) => new(
        name,
        Say(Part(change, "before"), Part(change, "before_sensitive"), default),
        Say(Part(change, "after"), Part(change, "after_sensitive"), Part(change, "after_unknown")),
        ForcesReplacement: false);

    private static bool Differs(JsonElement change, string name)
    {
        var (before, after) = (Part(Part(change, "before"), name), Part(Part(change, "after"), name));
        if (HasTrue(Part(Part(change, "after_unknown"), name)))
        {
            return true;
        }
        return IsAbsent(before) || IsAbsent(after) ? IsAbsent(before) != IsAbsent(after) : !JsonElement.DeepEquals(before, after);
    }

    private static AttributeChange Show(JsonElement change, string name, bool forcesReplacement) => new(
        name,
        Say(Part(Part(change, "before"), name), Mark(Part(change, "before_sensitive"), name), default),
        Say(Part(Part(change, "after"), name), Mark(Part(change, "after_sensitive"), name), Mark(Part(change, "after_unknown"), name)),
        forcesReplacement);

    private static string? Say(JsonElement value, JsonElement sensitive, JsonElement unknown)
    {
        if (IsAbsent(value) && !HasTrue(unknown))
        {
            return null;
        }
        var text = new StringBuilder();
        Write(text, value, sensitive, unknown, "");
        return text.Length > MaxValue ? text.ToString(0, MaxValue) + "…" : text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement value, JsonElement sensitive, JsonElement unknown, string indent)
    {
        if (text.Length > MaxValue)
        {
            return;
        }
        if (sensitive.ValueKind == JsonValueKind.True)
        {
            text.Append(Sensitive);
        }
        else if (unknown.ValueKind == JsonValueKind.True)
        {
            text.Append(Unknown);
        }
        else if (value.ValueKind == JsonValueKind.Object || unknown.ValueKind == JsonValueKind.Object)
        {
            WriteObject(text, value, sensitive, unknown, indent);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            WriteList(text, value, sensitive, unknown, indent);
        }
        else
        {
            text.Append(IsAbsent(value) ? "null" : JsonSerializer.Serialize(value, Readable));
        }
    }

    private static void WriteObject(StringBuilder text, JsonElement value, JsonElement sensitive, JsonElement unknown, string indent)
    {
        var names = Names(value).Union(Names(unknown)).ToList();
        if (names.Count == 0)
        {
            text.Append("{}");
            return;
        }
        text.Append("{\n");
        foreach (var name in names)
        {
            text.Append(indent).Append("  ").Append(name).Append(" = ");
            Write(text, Part(value, name), Mark(sensitive, name), Mark(unknown, name), indent + "  ");
            text.Append('\n');
        }
        text.Append(indent).Append('}');
    }

    private static void WriteList(StringBuilder text, JsonElement value, JsonElement sensitive, JsonElement unknown, string indent)
    {
        if (value.GetArrayLength() == 0)
        {
            text.Append("[]");
            return;
        }
        text.Append("[\n");
        var at = 0;
        foreach (var item in value.EnumerateArray())
        {
            text.Append(indent).Append("  ");
            Write(text, item, Mark(sensitive, at), Mark(unknown, at), indent + "  ");
            text.Append(",\n");
            at++;
        }
        text.Append(indent).Append(']');
    }

    private static HashSet<string> ReplacePaths(JsonElement change) =>
        Part(change, "replace_paths") is { ValueKind: JsonValueKind.Array } paths
            ? [.. paths.EnumerateArray().Where(path => path.GetArrayLength() > 0 && path[0].ValueKind == JsonValueKind.String)
                .Select(path => path[0].GetString()!)]
            : [];

    private static IEnumerable<string> Names(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(property => property.Name) : [];

    private static JsonElement Part(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var part) ? part : default;

    /// <summary>A mark on the whole is a mark on each part.</summary>
    private static JsonElement Mark(JsonElement mark, string name) => mark.ValueKind == JsonValueKind.True ? mark : Part(mark, name);

    private static JsonElement Mark(JsonElement mark, int at) =>
        mark.ValueKind == JsonValueKind.True ? mark
        : mark.ValueKind == JsonValueKind.Array && at < mark.GetArrayLength() ? mark[at]
        : default;

    private static bool HasTrue(JsonElement mark) => mark.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Object => mark.EnumerateObject().Any(property => HasTrue(property.Value)),
        JsonValueKind.Array => mark.EnumerateArray().Any(HasTrue),
        _ => false,
    };

    private static bool IsAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
}
