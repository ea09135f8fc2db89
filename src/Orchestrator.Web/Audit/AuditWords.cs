using Orchestrator.Web.Access;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Audit;

/// <summary>What a request did to what, as its route says it.</summary>
internal static class AuditWords
{
    private static readonly Dictionary<string, string> Pages = new(StringComparer.Ordinal)
    {
        ["set"] = "varset", ["variable"] = "var", ["id"] = "authentication_token", ["token"] = "authentication_token", ["access"] = "team_workspace", ["pool"] = "agent_pool", ["notification"] = "notification_configuration",
        ["trigger"] = "run_trigger",
    };

    /// <param name="pattern">As the route is mapped.</param>
    public static (string Action, string Type, string? Id) Of(string method, string pattern, RouteValueDictionary values, Scope? scope)
    {
        string[] segments = [.. pattern.Trim('/').Split('/').Select(segment => segment.StartsWith('{') ? segment.ToLowerInvariant() : segment)];
        return pattern.StartsWith(ApiRoutes.Root + "/", StringComparison.Ordinal)
            ? OfApi(method, segments[2..], values, scope)
            : OfPage(method, segments, values, scope);
    }

    /// <summary><c>authentication-tokens</c> as <c>authentication_token</c>.</summary>
    public static string Singular(string type)
    {
        var words = type.Replace('-', '_');
        return words.EndsWith("ies", StringComparison.Ordinal) ? words[..^3] + "y"
            : words.EndsWith('s') && !words.EndsWith("ss", StringComparison.Ordinal) ? words[..^1]
            : words;
    }

    private static (string Action, string Type, string? Id) OfApi(string method, string[] segments, RouteValueDictionary values, Scope? scope)
    {
        var actions = Array.IndexOf(segments, "actions");
        if (actions > 0 && actions + 1 < segments.Length)
        {
            return (Word(segments[actions + 1]), TypeBefore(segments, actions - 1), IdAt(segments, actions - 1, values, scope));
        }
        if (segments is [.., "relationships", var related] && segments.Length > 3)
        {
            return (Change(method) + Word(related), TypeBefore(segments, segments.Length - 3), IdAt(segments, segments.Length - 3, values, scope));
        }
        if (segments[0] is "uploads" or "downloads" or "logs")
        {
            // What the link opens is known when it has been opened.
            return (Verb(method), Singular(segments[1]), null);
        }
        var last = segments.Length - 1;
        return IsParameter(segments[last])
            ? (Verb(method), TypeBefore(segments, last), IdAt(segments, last, values, scope))
            : (Verb(method), Singular(segments[last]), null);
    }

    private static (string Action, string Type, string? Id) OfPage(string method, string[] segments, RouteValueDictionary values, Scope? scope)
    {
        var parameter = Array.FindLastIndex(segments, IsParameter);
        var action = segments[^1] is { Length: > 0 } last && !IsParameter(last) ? Word(last) : Verb(method);
        if (parameter < 0)
        {
            return (action, "site", null);
        }
        var name = Name(segments[parameter]);
        return (action, Pages.GetValueOrDefault(name, Singular(name)), IdAt(segments, parameter, values, scope));
    }

    private static string Verb(string method) => method switch
    {
        "POST" => "create",
        "PUT" or "PATCH" => "update",
        "DELETE" => "delete",
        _ => "read",
    };

    private static string Change(string method) => method switch
    {
        "POST" => "add_",
        "DELETE" => "remove_",
        _ => "set_",
    };

    private static string TypeBefore(string[] segments, int parameter) =>
        parameter > 0 && !IsParameter(segments[parameter - 1]) ? Singular(segments[parameter - 1]) : Name(segments[parameter]);

    private static string? IdAt(string[] segments, int parameter, RouteValueDictionary values, Scope? scope) => Name(segments[parameter]) switch
    {
        "name" or "workspace" when scope?.Workspace is { } workspace => workspace.Value,
        "organization" when scope?.Organization.Value is { } organization => organization,
        // A link or a code is a secret.
        "link" or "code" => null,
        var name => values.TryGetValue(name, out var value) ? value as string : null,
    };

    private static bool IsParameter(string segment) => segment.StartsWith('{');

    private static string Name(string parameter) => parameter.Trim('{', '}', '*') is var name && name.IndexOf(':', StringComparison.Ordinal) is > 0 and var end ? name[..end] : parameter.Trim('{', '}', '*');

    private static string Word(string segment) => segment.Replace('-', '_');
}
