using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>What a resource is related to: one (or null), many, or a link where to look.</summary>
[JsonConverter(typeof(Converter))]
public sealed record Relationship
{
    private readonly bool _many;
    private readonly IReadOnlyList<ResourceIdentifier>? _data;
    private readonly string? _related;

    private Relationship(bool many, IReadOnlyList<ResourceIdentifier>? data, string? related) =>
        (_many, _data, _related) = (many, data, related);

    public static Relationship One(string type, string? id) => new(false, id is null ? [] : [new ResourceIdentifier(id, type)], null);

    public static Relationship Many(string type, IEnumerable<string> ids) =>
        new(true, [.. ids.Select(id => new ResourceIdentifier(id, type))], null);

    public static Relationship Link(string related) => new(false, null, related);

    internal sealed class Converter : JsonConverter<Relationship>
    {
        public override Relationship Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Relationships are only written; requests have their own type.");

        public override void Write(Utf8JsonWriter writer, Relationship value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            if (value._data is { } data)
            {
                writer.WritePropertyName("data");
                WriteData(writer, data, value._many);
            }
            if (value._related is { } related)
            {
                writer.WriteStartObject("links");
                writer.WriteString("related", related);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }

        private static void WriteData(Utf8JsonWriter writer, IReadOnlyList<ResourceIdentifier> data, bool many)
        {
            if (!many && data.Count == 0)
            {
                writer.WriteNullValue();
                return;
            }
            if (many)
            {
                writer.WriteStartArray();
            }
            foreach (var identifier in data)
            {
                writer.WriteStartObject();
                writer.WriteString("id", identifier.Id);
                writer.WriteString("type", identifier.Type);
                writer.WriteEndObject();
            }
            if (many)
            {
                writer.WriteEndArray();
            }
        }
    }
}
