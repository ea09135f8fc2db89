using System.Text.Json;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>What a resource is related to: one (or null), many, or a link where to look.</summary>
public sealed record Relationship
{
    private readonly bool _many;
    private readonly string? _related;

    private Relationship(bool many, IReadOnlyList<ResourceIdentifier>? data, string? related) =>
        (_many, Data, _related) = (many, data, related);

    /// <summary>Null where there is only a link.</summary>
    public IReadOnlyList<ResourceIdentifier>? Data { get; }

    public static Relationship One(string type, string? id) => new(false, id is null ? [] : [new ResourceIdentifier(id, type)], null);

    public static Relationship Many(string type, IEnumerable<string> ids) =>
        new(true, [.. ids.Select(id => new ResourceIdentifier(id, type))], null);

    public static Relationship Link(string related) => new(false, null, related);

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (Data is { } data)
        {
            writer.WritePropertyName("data"u8);
            WriteData(writer, data);
        }
        if (_related is { } related)
        {
            writer.WriteStartObject("links"u8);
            writer.WriteString("related"u8, related);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private void WriteData(Utf8JsonWriter writer, IReadOnlyList<ResourceIdentifier> data)
    {
        if (!_many && data.Count == 0)
        {
            writer.WriteNullValue();
            return;
        }
        if (_many)
        {
            writer.WriteStartArray();
        }
        foreach (var identifier in data)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, identifier.Id);
            writer.WriteString("type"u8, identifier.Type);
            writer.WriteEndObject();
        }
        if (_many)
        {
            writer.WriteEndArray();
        }
    }
}
