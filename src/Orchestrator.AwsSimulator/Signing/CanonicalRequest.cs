using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.Signing;

/// <summary>The text a client signs, built from the request as it came over the wire.</summary>
internal static partial class CanonicalRequest
{
    public static string Build(AwsCall call, IReadOnlyList<string> signedHeaders, string payloadHash)
    {
        var text = new StringBuilder()
            .Append(call.Method).Append('\n')
            // S3 encodes the path once, and STS has none: what was sent is already canonical.
            .Append(call.RawPath).Append('\n')
            .Append(CanonicalQuery(call.RawQuery)).Append('\n');
        foreach (var name in signedHeaders)
        {
            text.Append(name).Append(':').Append(CanonicalValue(call.Headers[name])).Append('\n');
        }

        return text.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    private static string CanonicalValue(StringValues values) =>
        string.Join(',', values.Select(value => Spaces().Replace(value?.Trim() ?? "", " ")));

    private static string CanonicalQuery(string rawQuery)
    {
        var pairs = rawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => (Name: Encode(pair[0]), Value: Encode(pair.Length > 1 ? pair[1] : "")))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal);
        return string.Join('&', pairs.Select(pair => $"{pair.Name}={pair.Value}"));
    }

    private static string Encode(string raw) => Uri.EscapeDataString(Uri.UnescapeDataString(raw.Replace('+', ' ')));

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
