using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Orchestrator.AwsPolicies.Json;
using Orchestrator.AwsSimulator.Activity;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>A signed token whose form is right and whose content nobody has vouched for yet (RFC 7515, RFC 7519).</summary>
/// <param name="SignedPart">Header and claims as they were sent.</param>
internal sealed record CompactToken(
    SignatureAlgorithm Algorithm, string KeyId, TokenClaims Claims, byte[] SignedPart, byte[] Signature)
{
    private static readonly SearchValues<char> Base64UrlCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static Checked<CompactToken> Parse(string text)
    {
        if (text.Split('.') is not [var headerText, var claimsText, var signatureText])
        {
            return TokenRefusals.NotAJwt("token form", new Comparison("parts between dots", "3", $"{text.Split('.').Length}"));
        }

        if (DecodeObject(headerText) is not { } header || DecodeObject(claimsText) is not { } claims
            || Decode(signatureText) is not { } signature)
        {
            return TokenRefusals.NotAJwt("token form", new Comparison(
                "parts", "base64url without padding; header and claims JSON objects without repeated members", "something else"));
        }

        var algorithmName = TextOf(header, "alg");
        if (SignatureAlgorithm.Find(algorithmName) is not { } algorithm)
        {
            return TokenRefusals.NotAJwt(
                "token algorithm", new Comparison("alg", string.Join(", ", SignatureAlgorithm.Names), algorithmName));
        }

        if (TextOf(header, "kid") is not { Length: > 0 } keyId)
        {
            return TokenRefusals.NotAJwt("token key id", new Comparison("kid", "present", null));
        }

        // RFC 7515, 4.1.11: whoever does not understand a critical extension must refuse.
        if (header.TryGetProperty("crit", out _))
        {
            return TokenRefusals.NotAJwt("token extensions", new Comparison("crit", "absent", "present"));
        }

        return new CompactToken(
            algorithm, keyId, new TokenClaims(claims), Encoding.ASCII.GetBytes($"{headerText}.{claimsText}"), signature);
    }

    private static string? TextOf(JsonElement header, string name) =>
        header.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? DecodeObject(string part)
    {
        if (Decode(part) is not { } json)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json, JsonCursor.Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? Decode(string part)
    {
        // The library forgives padding and white space; RFC 7515 does not have them.
        if (part.AsSpan().ContainsAnyExcept(Base64UrlCharacters) || part.Length % 4 == 1)
        {
            return null;
        }

        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
