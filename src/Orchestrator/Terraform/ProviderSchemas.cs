using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Terraform;

/// <summary>From all that a configuration's providers know (<c>terraform providers schema -json</c>, tens of megabytes for a large
/// cloud), what is needed to draw one plan.</summary>
public static class ProviderSchemas
{
    private static readonly string[] PlanMembers = ["resource_changes", "resource_drift"];

    private static readonly string[] SchemaMembers = ["resource_schemas", "data_source_schemas", "ephemeral_resource_schemas"];

    /// <returns>The same document, with the types alone that the plan has changes of.</returns>
    /// <exception cref="JsonException">One of them is not what it should be.</exception>
    public static byte[] Of(ReadOnlyMemory<byte> schemas, ReadOnlyMemory<byte> plan)
    {
        var wanted = TypesOf(plan);
        using var document = JsonDocument.Parse(schemas);
        var output = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WritePropertyName("format_version");
        document.RootElement.GetProperty("format_version").WriteTo(writer);
        writer.WriteStartObject("provider_schemas");
        if (document.RootElement.TryGetProperty("provider_schemas", out var providers))
        {
            foreach (var provider in providers.EnumerateObject().Where(provider => wanted.Contains(provider.Name)))
            {
                WriteProvider(writer, provider, wanted[provider.Name].ToHashSet(StringComparer.Ordinal));
            }
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteProvider(Utf8JsonWriter writer, JsonProperty provider, HashSet<string> types)
    {
        writer.WriteStartObject(provider.Name);
        foreach (var kind in provider.Value.EnumerateObject().Where(kind => SchemaMembers.Contains(kind.Name)))
        {
            writer.WriteStartObject(kind.Name);
            foreach (var schema in kind.Value.EnumerateObject().Where(schema => types.Contains(schema.Name)))
            {
                schema.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    /// <summary>The types of resources that change, by their providers' names.</summary>
    private static ILookup<string, string> TypesOf(ReadOnlyMemory<byte> plan)
    {
        using var document = JsonDocument.Parse(plan);
        var root = document.RootElement;
        return PlanMembers
            .Where(member => root.TryGetProperty(member, out _))
            .SelectMany(member => root.GetProperty(member).EnumerateArray())
            .Where(change => change.TryGetProperty("provider_name", out _))
            .ToLookup(
                change => change.GetProperty("provider_name").GetString()!,
                change => change.GetProperty("type").GetString()!,
                StringComparer.Ordinal);
    }
}
