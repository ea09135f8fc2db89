using System.Text.Json;

namespace Orchestrator.Web.Pages.Runs;

public enum ChangeKind
{
    Destroy,
    Replace,
    Update,
    Create,
    Move,
    Import,
    Forget,
    Read,
}

/// <summary>One attribute of a resource, ready to be shown: sensitive and unknown parts are words.</summary>
/// <param name="Before">Null when there was none; likewise <paramref name="After"/>.</param>
public sealed record AttributeChange(string Name, string? Before, string? After, bool ForcesReplacement);

public sealed record ResourceChange(
    string Address, ChangeKind Kind, string? PreviousAddress, string? ImportId, string? Reason, IReadOnlyList<AttributeChange> Attributes,
    int AttributesLeftOut);

/// <summary>What a plan would do, from its JSON form (<c>terraform show -json</c>, format 1.x), worst first.</summary>
/// <param name="ResourcesLeftOut">There are more than a page should show.</param>
public sealed record PlanChanges(
    IReadOnlyList<ResourceChange> Resources, IReadOnlyList<ResourceChange> Drift, IReadOnlyList<ResourceChange> Outputs, int ResourcesLeftOut)
{
    public const int MaxJson = 32 * 1024 * 1024;

    private const int MaxResources = 400;

    internal static PlanChanges Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        // Attributes are read for what is shown only: a plan may have ten thousand resources.
        var all = ChangesOf(root, "resource_changes").OrderBy(change => change.Kind).ToList();
        return new PlanChanges(
            [.. all.Take(MaxResources).Select(Describe)],
            [.. ChangesOf(root, "resource_drift").Take(MaxResources).Select(Describe)],
            OutputsOf(root),
            Math.Max(0, all.Count - MaxResources));
    }

    private static IEnumerable<(ChangeKind Kind, JsonElement Resource)> ChangesOf(JsonElement root, string list) =>
        root.TryGetProperty(list, out var changes) && changes.ValueKind == JsonValueKind.Array
            ? changes.EnumerateArray().Select(resource => (Kind: KindOf(resource), resource)).Where(change => change.Kind is not null)
                .Select(change => (change.Kind!.Value, change.resource))
            : [];

    private static ChangeKind? KindOf(JsonElement resource)
    {
        var change = resource.GetProperty("change");
        var actions = change.GetProperty("actions").EnumerateArray().Select(action => action.GetString()!).ToArray();
        if (actions.Contains("delete"))
        {
            return actions.Contains("create") ? ChangeKind.Replace : ChangeKind.Destroy;
        }
        return actions switch
        {
            ["create"] => ChangeKind.Create,
            ["update"] => ChangeKind.Update,
            ["read"] => ChangeKind.Read,
            ["forget"] => ChangeKind.Forget,
            _ when change.TryGetProperty("importing", out var import) && import.ValueKind == JsonValueKind.Object => ChangeKind.Import,
            _ when resource.TryGetProperty("previous_address", out _) => ChangeKind.Move,
            _ => null,
        };
    }

    private static ResourceChange Describe((ChangeKind Kind, JsonElement Resource) found)
    {
        var (kind, resource) = found;
        var change = resource.GetProperty("change");
        var (attributes, leftOut) = AttributeChanges.Of(change);
        return new ResourceChange(
            resource.GetProperty("address").GetString()!, kind, Text(resource, "previous_address"),
            change.TryGetProperty("importing", out var import) && import.ValueKind == JsonValueKind.Object ? Text(import, "id") ?? "" : null,
            Text(resource, "action_reason")?.Replace('_', ' '), attributes, leftOut);
    }

    private static List<ResourceChange> OutputsOf(JsonElement root) =>
        root.TryGetProperty("output_changes", out var outputs) && outputs.ValueKind == JsonValueKind.Object
            ? [.. outputs.EnumerateObject().Take(MaxResources).Select(Output).OfType<ResourceChange>().OrderBy(output => output.Kind)]
            : [];

    private static ResourceChange? Output(JsonProperty output)
    {
        ChangeKind? kind = output.Value.GetProperty("actions")[0].GetString() switch
        {
            "create" => ChangeKind.Create,
            "update" => ChangeKind.Update,
            "delete" => ChangeKind.Destroy,
            _ => null,
        };
        return kind is null ? null : new ResourceChange(
            output.Name, kind.Value, null, null, null, [AttributeChanges.Whole("value", output.Value)], 0);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
