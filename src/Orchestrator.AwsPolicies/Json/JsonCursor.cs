using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.AwsPolicies.Json;

/// <summary>A JSON value together with its path, so that every complaint can say where.</summary>
public readonly partial record struct JsonCursor(JsonElement Element, string Path)
{
    // A repeated member would let two readers of one document disagree about it.
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    public JsonValueKind Kind => Element.ValueKind;

    public JsonShapeException Wrong(string problem) => new(Path, problem);

    public JsonCursor Required(string name) =>
        Optional(name) ?? throw Wrong($"\"{name}\" is missing");

    public JsonCursor? Optional(string name)
    {
        MustBe(JsonValueKind.Object, "an object");
        return Element.TryGetProperty(name, out var value) ? Child(name, value) : null;
    }

    /// <summary>Refuses members outside <paramref name="names"/>: a misspelt one would be ignored in silence.</summary>
    public void KnowsOnly(params string[] names)
    {
        foreach (var member in Members())
        {
            if (!names.Contains(member.Name))
            {
                throw member.Value.Wrong($"unknown member; known here are {string.Join(", ", names)}");
            }
        }
    }

    public IEnumerable<(string Name, JsonCursor Value)> Members()
    {
        MustBe(JsonValueKind.Object, "an object");
        var self = this;
        return Element.EnumerateObject().Select(member => (member.Name, self.Child(member.Name, member.Value)));
    }

    public IEnumerable<JsonCursor> Items()
    {
        MustBe(JsonValueKind.Array, "an array");
        var path = Path;
        return Element.EnumerateArray().Select((item, index) => new JsonCursor(item, $"{path}[{index}]"));
    }

    /// <summary>IAM writes a list with one entry as the bare entry.</summary>
    public IEnumerable<JsonCursor> OneOrMore() => Kind == JsonValueKind.Array ? Items() : [this];

    public string Text()
    {
        MustBe(JsonValueKind.String, "a string");
        return Element.GetString()!;
    }

    public bool Flag() => Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("must be true or false"),
    };

    public int Number(int least, int most)
    {
        if (Kind != JsonValueKind.Number || !Element.TryGetInt32(out var number) || number < least || number > most)
        {
            throw Wrong($"must be a whole number from {least} to {most}");
        }

        return number;
    }

    private void MustBe(JsonValueKind kind, string what)
    {
        if (Kind != kind)
        {
            throw Wrong($"must be {what}");
        }
    }

    private JsonCursor Child(string name, JsonElement value) =>
        new(value, PlainName().IsMatch(name) ? $"{Path}.{name}" : $"{Path}['{name}']");

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex PlainName();
}
