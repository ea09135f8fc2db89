using System.Buffers;
using System.Text.Json;

namespace Orchestrator.RunLogs;

/// <summary>Masks secrets in a JSON document and leaves it a JSON document: within strings and names, and a number that is one.</summary>
public static class RedactedJson
{
    private const string Mask = "***";

    /// <exception cref="JsonException">This is not JSON.</exception>
    public static byte[] Of(ReadOnlySpan<byte> json, Redactor redactor)
    {
        var output = new ArrayBufferWriter<byte>(json.Length);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            Copy(ref reader, writer, redactor);
        }
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, Redactor redactor)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                writer.WritePropertyName(redactor.Mask(reader.GetString()!));
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(redactor.Mask(reader.GetString()!));
                break;
            case JsonTokenType.Number when redactor.Finds(reader.ValueSpan):
                writer.WriteStringValue(Mask);
                break;
            case JsonTokenType.Number:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteBooleanValue(reader.GetBoolean());
                break;
            case JsonTokenType.Null:
                writer.WriteNullValue();
                break;
        }
    }
}
