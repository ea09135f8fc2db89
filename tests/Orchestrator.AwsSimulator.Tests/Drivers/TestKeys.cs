using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>Keys for the whole test run; making RSA keys is what would cost time.</summary>
internal static class TestKeys
{
    public static readonly RSA Rsa = RSA.Create(2048);
    public static readonly RSA OtherRsa = RSA.Create(2048);
    public static readonly ECDsa P256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    public static readonly ECDsa P384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    public static readonly ECDsa P521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);

    public static JsonObject Jwk(string keyId, RSA key, string? algorithm = null)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return Labelled(algorithm, new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = keyId,
            ["n"] = Base64Url.EncodeToString(parameters.Modulus),
            ["e"] = Base64Url.EncodeToString(parameters.Exponent),
        });
    }

    public static JsonObject Jwk(string keyId, ECDsa key, string curve, string? algorithm = null)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return Labelled(algorithm, new JsonObject
        {
            ["kty"] = "EC",
            ["use"] = "sig",
            ["kid"] = keyId,
            ["crv"] = curve,
            ["x"] = Base64Url.EncodeToString(parameters.Q.X),
            ["y"] = Base64Url.EncodeToString(parameters.Q.Y),
        });
    }

    private static JsonObject Labelled(string? algorithm, JsonObject key)
    {
        if (algorithm is not null)
        {
            key["alg"] = algorithm;
        }

        return key;
    }
}
