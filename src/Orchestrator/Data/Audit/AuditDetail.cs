using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Data.Audit;

/// <summary>What an entry says besides: a flat JSON object of texts.</summary>
public static class AuditDetail
{
    private const int MaxValueLength = 300;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>Null when nothing is left to say.</returns>
    public static string? Of(params IEnumerable<(string Name, string? Value)> parts)
    {
        using var text = new MemoryStream();
        var any = false;
        using (var json = new Utf8JsonWriter(text, Options))
        {
            json.WriteStartObject();
            foreach (var (name, value) in parts.Where(part => !string.IsNullOrEmpty(part.Value)))
            {
                var whole = json.BytesCommitted + json.BytesPending + name.Length + value!.Length + 16 <= AuditRecord.MaxDetailLength;
                any |= whole;
                if (whole)
                {
                    json.WriteString(name, value.Length <= MaxValueLength ? value : value[..MaxValueLength] + "…");
                }
            }
            json.WriteEndObject();
        }
        return any ? System.Text.Encoding.UTF8.GetString(text.ToArray()) : null;
    }

    public static IReadOnlyDictionary<string, string> Read(string? detail) =>
        detail is null ? new Dictionary<string, string>() : JsonSerializer.Deserialize(detail, AuditDetailJson.Default.DictionaryStringString)!;
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class AuditDetailJson : System.Text.Json.Serialization.JsonSerializerContext;
