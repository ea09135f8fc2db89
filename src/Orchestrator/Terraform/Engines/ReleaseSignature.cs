using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Orchestrator.Terraform.Engines;

/// <summary>OpenPGP's detached signatures by pinned keys. That a key has expired does not matter: whoever names it here trusts it. One that was revoked
/// signs nothing.</summary>
internal static class ReleaseSignature
{
    private const string Begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

    private static readonly Lazy<string> HashiCorpKeys = new(() =>
    {
        using var stream = typeof(ReleaseSignature).Assembly.GetManifestResourceStream("hashicorp.asc")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>HashiCorp's key for releases, as it publishes it: C874 011F 0AB4 0511 0D02 1055 3436 5D94 72D7 468F.</summary>
    public static string HashiCorp => HashiCorpKeys.Value;

    /// <summary>Why a file holds no keys; null when it does.</summary>
    public static string? ProblemOf(string file)
    {
        try
        {
            return Read(File.ReadAllText(file)).Count > 0 ? null : $"{file} holds no OpenPGP public key ({Begin}).";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or PgpException)
        {
            return $"{file} cannot be read as OpenPGP public keys: {unreadable.Message}";
        }
    }

    /// <returns>Why it does not count; null when one of the keys has signed exactly these bytes.</returns>
    public static string? FaultOf(byte[] content, byte[] signature, string keys)
    {
        try
        {
            var known = Read(keys);
            using var stream = PgpUtilities.GetDecoderStream(new MemoryStream(signature));
            if (new PgpObjectFactory(stream).NextPgpObject() is not PgpSignatureList { Count: > 0 } list)
            {
                return "it is no signature";
            }
            string? fault = null;
            for (var index = 0; index < list.Count; index++)
            {
                fault = FaultOf(content, list[index], known);
                if (fault is null)
                {
                    return null;
                }
            }
            return fault;
        }
        catch (Exception broken) when (broken is IOException or PgpException or ArgumentException or InvalidOperationException)
        {
            return "it is no signature";
        }
    }

    private static string? FaultOf(byte[] content, PgpSignature signature, IReadOnlyList<PgpPublicKeyRing> known)
    {
        var ring = known.FirstOrDefault(ring => ring.GetPublicKey(signature.KeyId) is not null);
        if (ring?.GetPublicKey(signature.KeyId) is not { } key)
        {
            return $"the key {signature.KeyId:X16} has made it, which is not one of the pinned ones";
        }
        if (key.HasRevocation() || ring.GetPublicKey().HasRevocation())
        {
            return $"the key {signature.KeyId:X16} that has made it was revoked";
        }
        if (signature.SignatureType != PgpSignature.BinaryDocument || signature.HashAlgorithm is HashAlgorithmTag.MD5 or HashAlgorithmTag.Sha1)
        {
            return "it is of a kind that proves nothing";
        }
        signature.InitVerify(key);
        signature.Update(content);
        return signature.Verify() ? null : "what it signs is something else";
    }

    private static List<PgpPublicKeyRing> Read(string armored)
    {
        var rings = new List<PgpPublicKeyRing>();
        for (var at = armored.IndexOf(Begin, StringComparison.Ordinal); at >= 0; at = armored.IndexOf(Begin, at + Begin.Length, StringComparison.Ordinal))
        {
            using var stream = PgpUtilities.GetDecoderStream(new MemoryStream(Encoding.ASCII.GetBytes(armored[at..])));
            rings.AddRange(new PgpPublicKeyRingBundle(stream).GetKeyRings());
        }
        return rings;
    }
}
