using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Terraform;

/// <summary>A plan as whoever may read runs may see it, and as the terraform CLI draws it: what changes, without a sensitive value.</summary>
/// <remarks>Made from <c>terraform show -json</c>, which marks beside each change which of its values are sensitive.</remarks>
public static class RedactedPlan
{
    private const string Mask = "(sensitive value)";

    // The CLI draws an attribute only when its two sides differ.
    private const string ChangedMask = "(sensitive value, changed)";

    // What else a plan's JSON holds is not about changes: variables, the configuration, whole states.
    private static readonly string[] Members = ["output_changes", "resource_changes", "resource_drift", "relevant_attributes", "deferred_changes"];

    /// <param name="schemas">The schemas of what the plan changes (<see cref="ProviderSchemas.Of"/>); null when nobody has asked terraform for them.</param>
    /// <exception cref="JsonException">This is not a plan's JSON.</exception>
    public static byte[] Of(ReadOnlyMemory<byte> plan, ReadOnlyMemory<byte>? schemas)
    {
        using var document = JsonDocument.Parse(plan);
        var root = document.RootElement;
        var output = new ArrayBufferWriter<byte>(plan.Length);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WritePropertyName("plan_format_version");
        root.GetProperty("format_version").WriteTo(writer);
        foreach (var member in Members)
        {
            if (root.TryGetProperty(member, out var value))
            {
                writer.WritePropertyName(member);
                Write(writer, value);
            }
        }
        WriteSchemas(writer, schemas);
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteSchemas(Utf8JsonWriter writer, ReadOnlyMemory<byte>? schemas)
    {
        using var document = schemas is { } known ? JsonDocument.Parse(known) : null;
        writer.WriteString("provider_format_version", document?.RootElement.GetProperty("format_version").GetString() ?? "1.0");
        writer.WritePropertyName("provider_schemas");
        if (document is not null && document.RootElement.TryGetProperty("provider_schemas", out var providers))
        {
            providers.WriteTo(writer);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.TryGetProperty("before_sensitive", out var before) | value.TryGetProperty("after_sensitive", out var after):
                WriteChange(writer, value, new Sides(Member(value, "before"), Member(value, "after"), before, after));
                break;
            case JsonValueKind.Object:
                WriteObject(writer, value, member => Write(writer, member.Value));
                break;
            case JsonValueKind.Array:
                WriteArray(writer, value, (item, _) => Write(writer, item));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteChange(Utf8JsonWriter writer, JsonElement change, Sides sides) => WriteObject(writer, change, member =>
    {
        switch (member.Name)
        {
            case "before":
                WriteSide(writer, sides.Before, sides, Mask);
                break;
            case "after":
                WriteSide(writer, sides.After, sides, ChangedMask);
                break;
            default:
                member.Value.WriteTo(writer);
                break;
        }
    });

    private static void WriteSide(Utf8JsonWriter writer, JsonElement value, Sides sides, string changed)
    {
        // Also what was sensitive, or will be: the CLI shows neither side of such a change.
        if (sides.AreSensitive)
        {
            WriteMask(writer, value, sides.Differ ? changed : Mask);
            return;
        }
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, value, member => WriteSide(writer, member.Value, sides.Of(member.Name), changed));
                break;
            case JsonValueKind.Array:
                WriteArray(writer, value, (item, index) => WriteSide(writer, item, sides.Of(index), changed));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>Keeps what kind of value it is: the CLI compares maps with maps and lists with lists.</summary>
    private static void WriteMask(Utf8JsonWriter writer, JsonElement value, string mask)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                writer.WriteNullValue();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                writer.WriteString(Mask, mask);
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                writer.WriteStringValue(mask);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(mask);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value, Action<JsonProperty> write)
    {
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            write(member);
        }
        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, JsonElement value, Action<JsonElement, int> write)
    {
        writer.WriteStartArray();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            write(item, index++);
        }
        writer.WriteEndArray();
    }

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static JsonElement Item(JsonElement value, int index) =>
        value.ValueKind == JsonValueKind.Array && index < value.GetArrayLength() ? value[index] : default;

    /// <summary>The two values at one place of a change, and what is sensitive of them: all (<c>true</c>), or parts of it.</summary>
    private readonly record struct Sides(JsonElement Before, JsonElement After, JsonElement BeforeSensitive, JsonElement AfterSensitive)
    {
        public bool AreSensitive => BeforeSensitive.ValueKind == JsonValueKind.True || AfterSensitive.ValueKind == JsonValueKind.True;

        public bool Differ => Before.ValueKind != After.ValueKind
            || (Before.ValueKind != JsonValueKind.Undefined && !JsonElement.DeepEquals(Before, After));

        public Sides Of(string name) => new(Member(Before, name), Member(After, name), Member(BeforeSensitive, name), Member(AfterSensitive, name));

        public Sides Of(int index) => new(Item(Before, index), Item(After, index), Item(BeforeSensitive, index), Item(AfterSensitive, index));
    }
}
