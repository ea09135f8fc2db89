using System.Text.RegularExpressions;

namespace Orchestrator.AwsSimulator.Signing;

/// <summary>The <c>Authorization</c> header of Signature Version 4, taken apart.</summary>
/// <param name="Date">Eight digits, part of the credential scope.</param>
/// <param name="SignedHeaders">Names in lower case, in the order given.</param>
/// <param name="Signature">64 hexadecimal digits.</param>
internal sealed partial record AuthorizationHeader(
    string AccessKeyId, string Date, string Region, string Service, IReadOnlyList<string> SignedHeaders, string Signature)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    public string Scope => $"{Date}/{Region}/{Service}/aws4_request";

    /// <returns>Null when the header is not of the form AWS describes.</returns>
    public static AuthorizationHeader? Parse(string header)
    {
        var match = Form().Match(header);
        return match.Success
            ? new AuthorizationHeader(
                match.Groups["key"].Value,
                match.Groups["date"].Value,
                match.Groups["region"].Value,
                match.Groups["service"].Value,
                match.Groups["headers"].Value.Split(';'),
                match.Groups["signature"].Value)
            : null;
    }

    [GeneratedRegex(
        @"^AWS4-HMAC-SHA256\s+"
            + @"Credential=(?<key>[A-Za-z0-9]{16,128})/(?<date>[0-9]{8})/(?<region>[a-z0-9-]+)/(?<service>[a-z0-9-]+)/aws4_request\s*,\s*"
            + @"SignedHeaders=(?<headers>[a-z0-9-]+(;[a-z0-9-]+)*)\s*,\s*"
            + @"Signature=(?<signature>[0-9a-f]{64})\s*\z",
        RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
