using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Credentials.Aws.Trust;

internal static class TrustJson
{
    // The text is for a file or a form field, and people compare it with subjects: no \u0027 in it.
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(RoleTrust role, OidcProviderArn provider)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("Version", "2012-10-17");
            json.WriteStartArray("Statement");
            json.WriteStartObject();
            json.WriteString("Sid", $"{role.Label}Phase");
            json.WriteString("Effect", "Allow");
            json.WriteStartObject("Principal");
            json.WriteString("Federated", provider.ToString());
            json.WriteEndObject();
            WriteActions(json, role.Actions);
            json.WriteStartObject("Condition");
            json.WriteStartObject("StringEquals");
            foreach (var (key, value) in role.Conditions)
            {
                json.WriteString(key, value);
            }
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void WriteActions(Utf8JsonWriter json, IReadOnlyList<string> actions)
    {
        json.WriteStartArray("Action");
        foreach (var action in actions)
        {
            json.WriteStringValue(action);
        }
        json.WriteEndArray();
    }
}
