using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using static Orchestrator.Web.Pages.Parts.JsonParts;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>Lays <c>before</c>, <c>after</c> and terraform's three marks (unknown, sensitive before, sensitive after) over each other, and
/// walks down to what differs.</summary>
internal static class AttributeChanges
{
    private const int MaxAttributes = 100;
    private const int MaxValue = 4000;
    private const int MaxDocument = 64 * 1024;
    private const string Sensitive = "(sensitive)";
    private const string Unknown = "(known after apply)";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The attributes that differ, by name; of those that are there before and after, the parts that differ.</returns>
    public static (IReadOnlyList<AttributeChange> Attributes, int LeftOut) Of(JsonElement change)
    {
        var root = new Sides(
            Part(change, "before"), Part(change, "after"), Part(change, "after_unknown"), Part(change, "before_sensitive"), Part(change, "after_sensitive"));
        var walk = new Walk([.. ReplacePaths(change)]);
        var isBoth = root.Before.ValueKind == JsonValueKind.Object && root.After.ValueKind == JsonValueKind.Object;
        foreach (var name in root.Names.Order(StringComparer.Ordinal))
        {
            walk.Take(name, root.Of(name), deeper: isBoth);
        }
        return (walk.Found, walk.LeftOut);
    }

    /// <summary>The values themselves: an output has no attributes.</summary>
    public static IReadOnlyList<AttributeChange> Whole(string name, JsonElement change)
    {
        var sides = new Sides(
            Part(change, "before"), Part(change, "after"), Part(change, "after_unknown"), Part(change, "before_sensitive"), Part(change, "after_sensitive"));
        var walk = new Walk([]);
        walk.Take(name, sides, deeper: true);
        return walk.Found.Count > 0 ? walk.Found : [Show(name, sides, forcesReplacement: false)];
    }

    private static AttributeChange Show(string path, Sides sides, bool forcesReplacement) =>
        new(path, Say(sides.Before, sides, default), Say(sides.After, sides, sides.Unknown), forcesReplacement)
        {
            Lines = sides is { IsSensitive: false, Before.ValueKind: JsonValueKind.String, After.ValueKind: JsonValueKind.String }
                ? LineDiff.Of(sides.Before.GetString()!, sides.After.GetString()!)
                : null,
        };

    private static string? Say(JsonElement value, Sides sides, JsonElement unknown)
    {
        if (IsAbsent(value) && !HasTrue(unknown))
        {
            return null;
        }
        var text = new StringBuilder();
        Write(text, value, sides, unknown, "");
        return text.Length > MaxValue ? text.ToString(0, MaxValue) + "…" : text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement value, Sides sides, JsonElement unknown, string indent)
    {
        if (text.Length > MaxValue)
        {
            return;
        }
        if (sides.IsSensitive)
        {
            text.Append(Sensitive);
        }
        else if (unknown.ValueKind == JsonValueKind.True)
        {
            text.Append(Unknown);
        }
        else if (value.ValueKind == JsonValueKind.Object || unknown.ValueKind == JsonValueKind.Object)
        {
            WriteObject(text, value, sides, unknown, indent);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            WriteList(text, value, sides, unknown, indent);
        }
        else
        {
            text.Append(IsAbsent(value) ? "null" : JsonSerializer.Serialize(value, Readable));
        }
    }

    private static void WriteObject(StringBuilder text, JsonElement value, Sides sides, JsonElement unknown, string indent)
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
            Write(text, Part(value, name), sides.Of(name), Mark(unknown, name), indent + "  ");
            text.Append('\n');
        }
        text.Append(indent).Append('}');
    }

    private static void WriteList(StringBuilder text, JsonElement value, Sides sides, JsonElement unknown, string indent)
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
            Write(text, item, sides.Of(at), Mark(unknown, at), indent + "  ");
            text.Append(",\n");
            at++;
        }
        text.Append(indent).Append(']');
    }

    private static IEnumerable<string> ReplacePaths(JsonElement change) =>
        Part(change, "replace_paths") is { ValueKind: JsonValueKind.Array } paths
            ? paths.EnumerateArray().Where(path => path.ValueKind == JsonValueKind.Array)
                .Select(path => path.EnumerateArray().Aggregate("", (so, step) =>
                    step.ValueKind == JsonValueKind.String ? Below(so, step.GetString()!) : $"{so}[{step}]"))
            : [];

    private static string Below(string path, string name) =>
        path.Length == 0 ? name
        : name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-') ? $"{path}.{name}"
        : $"{path}[{JsonSerializer.Serialize(name, Readable)}]";

    private static IEnumerable<string> Names(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(property => property.Name) : [];

    private static JsonElement Item(JsonElement element, int at) =>
        element.ValueKind == JsonValueKind.Array && at < element.GetArrayLength() ? element[at] : default;

    /// <summary>A mark on the whole is a mark on each part.</summary>
    private static JsonElement Mark(JsonElement mark, string name) => mark.ValueKind == JsonValueKind.True ? mark : Part(mark, name);

    private static JsonElement Mark(JsonElement mark, int at) => mark.ValueKind == JsonValueKind.True ? mark : Item(mark, at);

    private static bool HasTrue(JsonElement mark) => mark.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Object => mark.EnumerateObject().Any(part => HasTrue(part.Value)),
        JsonValueKind.Array => mark.EnumerateArray().Any(HasTrue),
        _ => false,
    };

    private static bool IsAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>What stands at one place of a change.</summary>
    private readonly record struct Sides(
        JsonElement Before, JsonElement After, JsonElement Unknown, JsonElement SensitiveBefore, JsonElement SensitiveAfter)
    {
        /// <summary>What was sensitive or will be: as in terraform's own output, neither side is told.</summary>
        public bool IsSensitive => SensitiveBefore.ValueKind == JsonValueKind.True || SensitiveAfter.ValueKind == JsonValueKind.True;

        public bool Differ => HasTrue(Unknown)
            || (IsAbsent(Before) || IsAbsent(After) ? IsAbsent(Before) != IsAbsent(After) : !JsonElement.DeepEquals(Before, After));

        public IEnumerable<string> Names =>
            AttributeChanges.Names(Before).Concat(AttributeChanges.Names(After)).Concat(AttributeChanges.Names(Unknown)).Distinct(StringComparer.Ordinal);

        public Sides Of(string name) =>
            new(Part(Before, name), Part(After, name), Mark(Unknown, name), Mark(SensitiveBefore, name), Mark(SensitiveAfter, name));

        public Sides Of(int at) => new(Item(Before, at), Item(After, at), Mark(Unknown, at), Mark(SensitiveBefore, at), Mark(SensitiveAfter, at));
    }

    private sealed class Walk(IReadOnlyList<string> replacing)
    {
        public List<AttributeChange> Found { get; } = [];

        public int LeftOut { get; private set; }

        public void Take(string path, Sides sides, bool deeper)
        {
            if (!sides.Differ)
            {
                return;
            }
            if (deeper && !sides.IsSensitive && sides.Unknown.ValueKind != JsonValueKind.True && Step(path, sides))
            {
                return;
            }
            if (Found.Count >= MaxAttributes)
            {
                LeftOut++;
                return;
            }
            Found.Add(Show(path, sides, replacing.Any(other => IsWithin(path, other) || IsWithin(other, path))));
        }

        /// <returns>False where the value is best shown as a whole.</returns>
        private bool Step(string path, Sides sides)
        {
            if (sides is { Before.ValueKind: JsonValueKind.Object, After.ValueKind: JsonValueKind.Object })
            {
                foreach (var name in sides.Names)
                {
                    Take(Below(path, name), sides.Of(name), deeper: true);
                }
                return true;
            }
            if (sides is { Before.ValueKind: JsonValueKind.Array, After.ValueKind: JsonValueKind.Array }
                && sides.Before.GetArrayLength() == sides.After.GetArrayLength())
            {
                for (var at = 0; at < sides.Before.GetArrayLength(); at++)
                {
                    Take($"{path}[{at}]", sides.Of(at), deeper: true);
                }
                return true;
            }
            return StepIntoDocuments(path, sides);
        }

        /// <summary>Policies and the like are JSON in a string: what of them differs is what a reader wants to know.</summary>
        private bool StepIntoDocuments(string path, Sides sides)
        {
            if (Document(sides.Before) is not { } before || Document(sides.After) is not { } after || JsonElement.DeepEquals(before, after))
            {
                return false;
            }
            Take($"{path} (JSON)", new Sides(before, after, default, default, default), deeper: true);
            return true;
        }

        private static JsonElement? Document(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 1 and < MaxDocument } text || text[0] is not ('{' or '['))
            {
                return null;
            }
            try
            {
                using var document = JsonDocument.Parse(text);
                return document.RootElement.Clone();
            }
            catch (JsonException)
            {
                return null;
            }
        }

        private static bool IsWithin(string path, string whole) =>
            path.StartsWith(whole, StringComparison.Ordinal) && (path.Length == whole.Length || path[whole.Length] is '.' or '[' or ' ');
    }
}
