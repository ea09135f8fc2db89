using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.AwsPolicies.Json;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>A public key from an issuer's key set (RFC 7517). Only the public members are read.</summary>
internal sealed class VerificationKey
{
    private const int SmallestRsaBits = 2048;

    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _ec;
    private readonly string? _curve;
    private readonly string? _algorithm;

    private VerificationKey(string keyId, string? algorithm, RSAParameters? rsa, ECParameters? ec, string? curve)
    {
        (KeyId, _algorithm, _rsa, _ec, _curve) = (keyId, algorithm, rsa, ec, curve);
    }

    public string KeyId { get; }

    public bool IsRsa => _rsa is not null;

    /// <summary>What the key is for, in words for an explanation.</summary>
    public string Description => _algorithm ?? (IsRsa ? "RSA" : $"EC {_curve}");

    /// <returns>Null for keys STS would pass over: no <c>kid</c>, another use, an unknown type or a weak one.</returns>
    public static VerificationKey? Read(JsonCursor json)
    {
        try
        {
            if (json.Optional("kid")?.Text() is not { Length: > 0 } keyId || json.Optional("use")?.Text() is not (null or "sig"))
            {
                return null;
            }

            var algorithm = json.Optional("alg")?.Text();
            return json.Required("kty").Text() switch
            {
                "RSA" => ReadRsa(json) is { } rsa ? new VerificationKey(keyId, algorithm, rsa, null, null) : null,
                "EC" => ReadEc(json) is { } ec ? new VerificationKey(keyId, algorithm, null, ec.Key, ec.Curve) : null,
                _ => null,
            };
        }
        catch (Exception unusable) when (unusable is JsonShapeException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The key's type, curve and stated algorithm all have to agree with the token's, or an attacker could
    /// choose how a key is used.</summary>
    public bool Fits(SignatureAlgorithm algorithm) =>
        (algorithm.Curve is null ? IsRsa : _curve == algorithm.Curve)
        && (_algorithm is null || _algorithm == algorithm.Name);

    public bool Verifies(CompactToken token)
    {
        try
        {
            if (_rsa is { } rsaParameters)
            {
                using var rsa = RSA.Create(rsaParameters);
                return rsa.VerifyData(token.SignedPart, token.Signature, token.Algorithm.Hash, RSASignaturePadding.Pkcs1);
            }

            using var ec = ECDsa.Create(_ec!.Value);
            return ec.VerifyData(token.SignedPart, token.Signature, token.Algorithm.Hash);
        }
        catch (CryptographicException)
        {
            // A point that is not on its curve, for example.
            return false;
        }
    }

    private static RSAParameters? ReadRsa(JsonCursor json)
    {
        var modulus = Bytes(json, "n");
        return modulus.Length * 8 >= SmallestRsaBits
            ? new RSAParameters { Modulus = modulus, Exponent = Bytes(json, "e") }
            : null;
    }

    private static (ECParameters Key, string Curve)? ReadEc(JsonCursor json)
    {
        var name = json.Required("crv").Text();
        ECCurve? curve = name switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-384" => ECCurve.NamedCurves.nistP384,
            "P-521" => ECCurve.NamedCurves.nistP521,
            _ => null,
        };
        return curve is { } known
            ? (new ECParameters { Curve = known, Q = new ECPoint { X = Bytes(json, "x"), Y = Bytes(json, "y") } }, name)
            : null;
    }

    private static byte[] Bytes(JsonCursor json, string name) => Base64Url.DecodeFromChars(json.Required(name).Text());
}
