using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Writes documents and resources; only attributes are left to the generated serialisers.</summary>
internal static class DocumentWriter
{
    public static void Write(Utf8JsonWriter writer, Document document, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("data"u8);
        if (document.IsList)
        {
            WriteAll(writer, document.Data, document.Fields, options);
        }
        else
        {
            Write(writer, document.Data[0], document.Fields, options);
        }
        if (document.Included is { } included)
        {
            writer.WritePropertyName("included"u8);
            WriteAll(writer, included, document.Fields, options);
        }
        if (document.Links is { } links)
        {
            writer.WritePropertyName("links"u8);
            JsonSerializer.Serialize(writer, links, options);
        }
        if (document.Meta is { } meta)
        {
            writer.WritePropertyName("meta"u8);
            JsonSerializer.Serialize(writer, meta, options);
        }
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Resource resource, Fieldsets fields, JsonSerializerOptions options)
    {
        var wanted = fields.Of(resource.Type);
        writer.WriteStartObject();
        writer.WriteString("id"u8, resource.Id);
        writer.WriteString("type"u8, resource.Type);
        writer.WritePropertyName("attributes"u8);
        WriteAttributes(writer, resource.Content, wanted, options);
        if (resource.Relationships is { } relationships)
        {
            writer.WriteStartObject("relationships"u8);
            foreach (var (name, relationship) in relationships)
            {
                if (wanted?.Contains(name) ?? true)
                {
                    writer.WritePropertyName(name);
                    relationship.Write(writer);
                }
            }
            writer.WriteEndObject();
        }
        if (resource.Links is { } links)
        {
            writer.WriteStartObject("links"u8);
            foreach (var (name, link) in links)
            {
                writer.WriteString(name, link);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteAll(Utf8JsonWriter writer, IReadOnlyList<Resource> resources, Fieldsets fields, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var resource in resources)
        {
            Write(writer, resource, fields, options);
        }
        writer.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, object attributes, IReadOnlySet<string>? wanted, JsonSerializerOptions options)
    {
        if (wanted is null)
        {
            JsonSerializer.Serialize(writer, attributes, attributes.GetType(), options);
            return;
        }
        writer.WriteStartObject();
        foreach (var attribute in JsonSerializer.SerializeToElement(attributes, attributes.GetType(), options).EnumerateObject())
        {
            if (wanted.Contains(attribute.Name))
            {
                attribute.WriteTo(writer);
            }
        }
        writer.WriteEndObject();
    }
}

internal sealed class DocumentConverter : JsonConverter<Document>
{
    public override Document Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Documents are only written; requests have their own type.");

    public override void Write(Utf8JsonWriter writer, Document value, JsonSerializerOptions options) =>
        DocumentWriter.Write(writer, value, options);
}

internal sealed class ResourceConverter : JsonConverter<Resource>
{
    public override Resource Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Resources are only written; requests have their own type.");

    public override void Write(Utf8JsonWriter writer, Resource value, JsonSerializerOptions options) =>
        DocumentWriter.Write(writer, value, Fieldsets.All, options);
}
