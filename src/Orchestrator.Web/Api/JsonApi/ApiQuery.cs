namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Reads queries as the API's clients write them. What is not known is not looked at: the CLI sends parameters of its own.</summary>
internal static class ApiQuery
{
    /// <summary><c>Filter("project", "id")</c> is <c>filter[project][id]=…</c>; null when it is absent or empty.</summary>
    public static string? Filter(this HttpRequest request, params string[] path) => Text(request, $"filter[{string.Join("][", path)}]");

    /// <summary>The parts of a filter that takes several; empty when it is absent.</summary>
    public static IReadOnlyList<string> FilterList(this HttpRequest request, params string[] path) =>
        List(request.Filter(path));

    /// <summary><c>search[name]=…</c>; null when it is absent or empty.</summary>
    public static string? Search(this HttpRequest request, string name) => Text(request, $"search[{name}]");

    /// <summary><c>q=…</c>, the plainest of the searches; null when it is absent or empty.</summary>
    public static string? Query(this HttpRequest request) => Text(request, "q");

    public static IReadOnlyList<string> List(string? value) =>
        value?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Clients and documentation write some names with <c>_</c>, some with <c>-</c>; the API's are with <c>-</c>.</summary>
    public static string Kebab(string name) => name.Replace('_', '-');

    private static string? Text(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } text ? text : null;
}
