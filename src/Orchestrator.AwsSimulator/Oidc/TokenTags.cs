using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>Session tags and source identity in a token: IAM user guide, "Passing session tags using
/// AssumeRoleWithWebIdentity". Both the nested and the flat form are read.</summary>
internal static partial class TokenTags
{
    private const string Claim = "https://aws.amazon.com/tags";
    private const string FlatTag = Claim + "/principal_tags/";
    private const string FlatTransitive = Claim + "/transitive_tag_keys";
    private const string SourceIdentityClaim = "https://aws.amazon.com/source_identity";
    private const int MostTags = 50;

    public static Checked<SessionTags> Read(TokenClaims claims)
    {
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in Nested(claims).Concat(Flat(claims)))
        {
            if (value is null || !Key().IsMatch(key) || !Value().IsMatch(value) || !tags.TryAdd(key, value))
            {
                return Wrong("tag keys of 1 to 128 and values of 0 to 256 letters, digits, spaces and _.:/=+-@, "
                    + "each key once, each value one string", $"{key}={value}");
            }
        }

        if (tags.Count > MostTags)
        {
            return Wrong($"at most {MostTags} tags", $"{tags.Count}");
        }

        var transitive = Transitive(claims);
        return transitive.FirstOrDefault(key => !tags.ContainsKey(key)) is { } stray
            ? Wrong("transitive keys among the tags", stray)
            : new SessionTags(tags, transitive);
    }

    /// <returns>A source identity; empty when the token has none.</returns>
    public static Checked<string> ReadSourceIdentity(TokenClaims claims)
    {
        if (!claims.Has(SourceIdentityClaim))
        {
            return "";
        }

        var identity = claims.Text(SourceIdentityClaim) ?? "";
        return SourceIdentity().IsMatch(identity)
            ? identity
            : TokenRefusals.WrongClaim(
                SourceIdentityClaim, "2 to 64 of A-Z a-z 0-9 _+=,.@-, not beginning with aws:", claims.Raw(SourceIdentityClaim));
    }

    private static IEnumerable<(string Key, string? Value)> Nested(TokenClaims claims)
    {
        if (!claims.Root.TryGetProperty(Claim, out var outer) || outer.ValueKind != JsonValueKind.Object
            || !outer.TryGetProperty("principal_tags", out var tags) || tags.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        return tags.EnumerateObject().Select(tag => (tag.Name, Single(tag.Value)));
    }

    private static IEnumerable<(string Key, string? Value)> Flat(TokenClaims claims) =>
        claims.Root.EnumerateObject()
            .Where(claim => claim.Name.StartsWith(FlatTag, StringComparison.Ordinal))
            .Select(claim => (claim.Name[FlatTag.Length..], Single(claim.Value)));

    private static IReadOnlyList<string> Transitive(TokenClaims claims) =>
        claims.Root.TryGetProperty(Claim, out var outer) && outer.ValueKind == JsonValueKind.Object
            ? new TokenClaims(outer).Texts("transitive_tag_keys")
            : claims.Texts(FlatTransitive);

    private static string? Single(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array when value.GetArrayLength() == 1 && value[0].ValueKind == JsonValueKind.String =>
            value[0].GetString(),
        _ => null,
    };

    private static Refusal Wrong(string expected, string actual) => TokenRefusals.Invalid(
        "The session tags in the ID Token provided are not valid", "session tags", new Comparison("session tags", expected, actual));

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}\z")]
    private static partial Regex Value();

    [GeneratedRegex(@"^(?!aws:)[A-Za-z0-9_+=,.@-]{2,64}\z")]
    private static partial Regex SourceIdentity();
}
