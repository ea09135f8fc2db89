using System.Text.Json;

namespace Orchestrator.Web.Pages.Parts;

/// <summary>Walks through JSON that somebody else has written: what is not there, or of another kind, is nothing.</summary>
internal static class JsonParts
{
    public static JsonElement Part(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var part) ? part : default;

    public static IEnumerable<JsonElement> Items(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                yield return item;
            }
        }
    }
}
