using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Compares documents that others rely on with files in <c>Documents/</c>. What differs from run to run is masked.</summary>
/// <remarks>To accept what the server answers now, run the tests with <c>UPDATE_DOCUMENTS=1</c> and look at the difference.</remarks>
internal static partial class CommittedDocument
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="names">Names that the test has made up, and what stands for them in the file.</param>
    public static void Compare(
        string name, JsonNode actual, IReadOnlyDictionary<string, string> names, [CallerFilePath] string caller = "")
    {
        var text = Mask(actual, names).ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_DOCUMENTS") is not null)
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(caller)!, "..", "Documents", name + ".json"), text);
        }
        else
        {
            Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", name + ".json")), text);
        }
    }

    private static JsonNode Mask(JsonNode node, IReadOnlyDictionary<string, string> names) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member =>
            KeyValuePair.Create(member.Key, member.Value is null ? null : Mask(member.Value, names)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Mask(item, names))]),
        _ when node.GetValueKind() == JsonValueKind.String => JsonValue.Create(Mask(node.GetValue<string>(), names)),
        _ => node.DeepClone(),
    };

    private static string Mask(string text, IReadOnlyDictionary<string, string> names)
    {
        foreach (var (name, mask) in names)
        {
            text = text.Replace(name, mask, StringComparison.Ordinal);
        }
        text = Address().Replace(text, "http://server");
        text = Link().Replace(text, "${before}<link>");
        text = Identifier().Replace(text, "<${kind}>");
        text = Version().Replace(text, "1.11.x");
        text = Random().Replace(text, "<random>");
        return Instant().Replace(text, "<instant>");
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+")]
    private static partial Regex Address();

    [GeneratedRegex(@"(?<before>/api/v2/(logs|uploads|downloads)/[a-z-]+/)[A-Za-z0-9_-]{20,}")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b(?<kind>varset|user|org|prj|ws|var|cv|run|plan|apply|sv|re|[a-z]{2,5})-[A-Za-z0-9]{16}\b")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\A1\.11\.[0-9]+\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"\A[0-9a-f]{32}\z")]
    private static partial Regex Random();

    // Go's clients take no other form: the literal Z.
    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z\z")]
    private static partial Regex Instant();
}
