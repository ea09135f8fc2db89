using System.Text.RegularExpressions;

namespace Orchestrator.AwsSimulator.Configuration;

/// <summary>
/// Fills in the issuer before the text is parsed. Only names that begin with <c>issuer</c> are placeholders:
/// <c>${aws:username}</c> belongs to IAM, and other <c>${…}</c> may be part of a stored object.
/// </summary>
internal static partial class Placeholders
{
    public static string Replace(string text, string? issuer, string source)
    {
        var url = issuer is null ? null : CheckedIssuer(issuer, source);
        return Placeholder().Replace(text, match =>
        {
            var line = text.AsSpan(0, match.Index).Count('\n') + 1;
            return match.Groups["name"].Value switch
            {
                _ when url is null => throw new InvalidConfigurationException(
                    $"{source}, line {line}: {match.Value} has no value; give the issuer's URL with --issuer."),
                "issuer" => url,
                "issuer_host" => url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..],
                _ => throw new InvalidConfigurationException(
                    $"{source}, line {line}: {match.Value} is unknown; there are ${{issuer}} and ${{issuer_host}}."),
            };
        });
    }

    private static string CheckedIssuer(string issuer, string source)
    {
        var trimmed = issuer.TrimEnd('/');
        var usable = Uri.TryCreate(trimmed, UriKind.Absolute, out var url)
            && url.Scheme is ("http" or "https")
            && url.Query.Length == 0
            && url.Fragment.Length == 0
            && !trimmed.AsSpan().ContainsAny('"', '\\');
        return usable
            ? trimmed
            : throw new InvalidConfigurationException(
                $"{source}: the issuer '{issuer}' is not an absolute http or https URL without query.");
    }

    [GeneratedRegex(@"\$\{(?<name>issuer[^}""]*)\}")]
    private static partial Regex Placeholder();
}
