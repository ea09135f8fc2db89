using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.WorkloadIdentity;

/// <summary>A public key as RFC 7518 writes it: an RSA key with <c>n</c> and <c>e</c>, or one on P-256 with <c>crv</c>, <c>x</c> and <c>y</c>.</summary>
public sealed record PublicKey(
    [property: JsonPropertyName("kty")] string Type,
    [property: JsonPropertyName("use")] string Use,
    [property: JsonPropertyName("alg")] string Algorithm,
    [property: JsonPropertyName("kid")] string Kid)
{
    private const string ForSignatures = "sig";

    [JsonPropertyName("n"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Modulus { get; init; }

    [JsonPropertyName("e"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Exponent { get; init; }

    [JsonPropertyName("crv"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Curve { get; init; }

    [JsonPropertyName("x"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? X { get; init; }

    [JsonPropertyName("y"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Y { get; init; }

    public static PublicKey Of(RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return Named(new PublicKey(JsonWebAlgorithmsKeyTypes.RSA, ForSignatures, SecurityAlgorithms.RsaSha256, "")
        {
            Modulus = Base64UrlEncoder.Encode(parameters.Modulus),
            Exponent = Base64UrlEncoder.Encode(parameters.Exponent),
        });
    }

    public static PublicKey Of(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return Named(new PublicKey(JsonWebAlgorithmsKeyTypes.EllipticCurve, ForSignatures, SecurityAlgorithms.EcdsaSha256, "")
        {
            Curve = JsonWebKeyECTypes.P256,
            X = Base64UrlEncoder.Encode(point.X),
            Y = Base64UrlEncoder.Encode(point.Y),
        });
    }

    /// <summary>RFC 7638: the key's own numbers are its name.</summary>
    private static PublicKey Named(PublicKey key) => key with
    {
        Kid = Base64UrlEncoder.Encode(
            new JsonWebKey { Kty = key.Type, N = key.Modulus, E = key.Exponent, Crv = key.Curve, X = key.X, Y = key.Y }.ComputeJwkThumbprint()),
    };
}
