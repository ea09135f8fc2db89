namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Sparse answers: <c>fields[workspaces]=name,locked</c> leaves out everything else of each workspace.</summary>
public sealed class Fieldsets
{
    public static readonly Fieldsets All = new([]);

    private const string Opening = "fields[";

    private readonly Dictionary<string, HashSet<string>> _byType;

    private Fieldsets(Dictionary<string, HashSet<string>> byType) => _byType = byType;

    public static Fieldsets Of(HttpRequest request)
    {
        Dictionary<string, HashSet<string>>? byType = null;
        foreach (var (key, value) in request.Query)
        {
            if (key.StartsWith(Opening, StringComparison.Ordinal) && key.EndsWith(']'))
            {
                (byType ??= [])[ApiQuery.Kebab(key[Opening.Length..^1])] = [.. ApiQuery.List(value).Select(ApiQuery.Kebab)];
            }
        }
        return byType is null ? All : new Fieldsets(byType);
    }

    /// <returns>Attributes and relationships that are wanted of this type; null for all.</returns>
    public IReadOnlySet<string>? Of(string type) => _byType.GetValueOrDefault(type);
}
