using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.WorkloadIdentity;

/// <summary>A key pair in memory, ready to sign.</summary>
public sealed class SigningKeyPair
{
    private const int RsaBits = 3072;

    private SigningKeyPair(PublicKey publicKey, AsymmetricSecurityKey key)
    {
        key.KeyId = publicKey.Kid;
        // The library's cache is the process's: a key that has retired would stay in it.
        key.CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false };
        (PublicKey, Credentials) = (publicKey, new SigningCredentials(key, publicKey.Algorithm));
    }

    public PublicKey PublicKey { get; }

    public SigningCredentials Credentials { get; }

    public string Kid => PublicKey.Kid;

    public string Algorithm => PublicKey.Algorithm;

    /// <returns>The pair's public half, and its private half as PKCS#8.</returns>
    /// <param name="algorithm"><c>RS256</c> or <c>ES256</c>.</param>
    public static (PublicKey PublicKey, byte[] Pkcs8) Create(string algorithm)
    {
        if (algorithm == SecurityAlgorithms.EcdsaSha256)
        {
            using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return (PublicKey.Of(ec), ec.ExportPkcs8PrivateKey());
        }
        using var rsa = RSA.Create(RsaBits);
        return (PublicKey.Of(rsa), rsa.ExportPkcs8PrivateKey());
    }

    public static SigningKeyPair Import(string algorithm, ReadOnlySpan<byte> pkcs8)
    {
        // Not disposed when it retires: a signature may be under way.
        if (algorithm == SecurityAlgorithms.EcdsaSha256)
        {
            var ec = ECDsa.Create();
            ec.ImportPkcs8PrivateKey(pkcs8, out _);
            return new SigningKeyPair(PublicKey.Of(ec), new ECDsaSecurityKey(ec));
        }
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        return new SigningKeyPair(PublicKey.Of(rsa), new RsaSecurityKey(rsa));
    }

    public override string ToString() => $"signing key {Kid}";
}
