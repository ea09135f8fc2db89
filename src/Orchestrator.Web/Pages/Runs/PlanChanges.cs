using System.Text.Json;
using Orchestrator.Web.Api.JsonApi;

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

/// <summary>One attribute of a resource, or a part of one, ready to be shown: what is sensitive or unknown are words.</summary>
/// <param name="Before">Null when there was none; likewise <paramref name="After"/>.</param>
public sealed record AttributeChange(string Name, string? Before, string? After, bool ForcesReplacement)
{
    /// <summary>Both values line by line; null where they are no texts of several lines.</summary>
    public IReadOnlyList<DiffLine>? Lines { get; init; }
}

/// <param name="Reason">Why, in terraform's own word (<c>replace_because_tainted</c>).</param>
public sealed record ResourceChange(
    string Address, ChangeKind Kind, string? PreviousAddress, string? ImportId, string? Reason, IReadOnlyList<AttributeChange> Attributes,
    int AttributesLeftOut)
{
    /// <summary>Of a replacement: the new one is there before the old one goes.</summary>
    public bool IsCreatedFirst { get; init; }
}

/// <summary>What of a plan's changes is asked for.</summary>
/// <param name="Text">In the address, or in what is shown of the attributes.</param>
public sealed record ChangeFilter(ChangeKind? Kind = null, string? Text = null, int Page = 1);

/// <summary>What a plan would do, from its JSON form (<c>terraform show -json</c>, format 1.x), worst first.</summary>
/// <param name="Counts">How many there are of each kind, of all.</param>
/// <param name="Resources">One page of those that were asked for.</param>
/// <param name="Matching">How many were asked for.</param>
public sealed record PlanChanges(
    IReadOnlyDictionary<ChangeKind, int> Counts, IReadOnlyList<ResourceChange> Resources, int Matching, int Page, int Pages,
    IReadOnlyList<ResourceChange> Drift, IReadOnlyList<ResourceChange> Outputs, PlanGraph? Graph)
{
    public const int MaxJson = 64 * 1024 * 1024;
    public const int PageSize = 100;

    private const int MaxOutside = 200;

    public int Total => Counts.Values.Sum();

    internal static PlanChanges Read(ReadOnlyMemory<byte> json, ChangeFilter? filter = null)
    {
        using var document = JsonDocument.Parse(json);
        return Read(document.RootElement, filter ?? new ChangeFilter());
    }

    private static PlanChanges Read(JsonElement root, ChangeFilter filter)
    {
        // Attributes are read for what is shown only: a plan may have ten thousand resources.
        var all = ChangesOf(root, "resource_changes").OrderBy(change => change.Kind).ToList();
        var wanted = all.Where(change => filter.Kind is null || change.Kind == filter.Kind);
        if (filter.Text is { Length: > 0 } text)
        {
            wanted = wanted.Where(change => Mentions(change, text));
        }
        var matching = wanted.ToList();
        var (page, pages) = Paging.PageOf(filter.Page, matching.Count, PageSize);
        return new PlanChanges(
            all.CountBy(change => change.Kind).ToDictionary(),
            [.. matching.Skip((page - 1) * PageSize).Take(PageSize).Select(Describe)],
            matching.Count, page, pages,
            [.. ChangesOf(root, "resource_drift").Take(MaxOutside).Select(Describe)],
            OutputsOf(root),
            PlanGraph.Of(root, [.. all.Select(change => (AddressOf(change.Resource), change.Kind))]));
    }

    /// <summary>In what a reader sees: a search must not tell what a sensitive value holds.</summary>
    private static bool Mentions((ChangeKind Kind, JsonElement Resource) change, string text)
    {
        if (Has(AddressOf(change.Resource), text) || Has(Text(change.Resource, "previous_address"), text))
        {
            return true;
        }
        var (attributes, _) = AttributeChanges.Of(change.Resource.GetProperty("change"));
        return attributes.Any(attribute => Has(attribute.Name, text) || Has(attribute.Before, text) || Has(attribute.After, text));
    }

    private static bool Has(string? where, string text) => where?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;

    private static string AddressOf(JsonElement resource) => resource.GetProperty("address").GetString()!;

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
            AddressOf(resource), kind, Text(resource, "previous_address"),
            change.TryGetProperty("importing", out var import) && import.ValueKind == JsonValueKind.Object ? Text(import, "id") ?? "" : null,
            Text(resource, "action_reason"), attributes, leftOut)
        {
            IsCreatedFirst = kind == ChangeKind.Replace && change.GetProperty("actions")[0].ValueEquals("create"),
        };
    }

    private static List<ResourceChange> OutputsOf(JsonElement root) =>
        root.TryGetProperty("output_changes", out var outputs) && outputs.ValueKind == JsonValueKind.Object
            ? [.. outputs.EnumerateObject().Take(MaxOutside).Select(Output).OfType<ResourceChange>().OrderBy(output => output.Kind)]
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
            output.Name, kind.Value, null, null, null, AttributeChanges.Whole("value", output.Value), 0);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
