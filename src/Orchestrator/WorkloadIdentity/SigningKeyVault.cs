using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>Makes key pairs and closes them away, and opens what was closed away.</summary>
public sealed class SigningKeyVault(SecretBox secrets, IOptions<SigningKeyOptions> options, TimeProvider clock)
{
    /// <summary>What new keys are for.</summary>
    public string Algorithm => options.Value.Algorithm;

    /// <summary>A new pair of the configured kind, not stored yet.</summary>
    /// <param name="state"><see cref="SigningKeyState.Next"/> or <see cref="SigningKeyState.Active"/>.</param>
    /// <param name="settling">How long it is to be published before it signs.</param>
    public SigningKey Create(SigningKeyState state, TimeSpan settling)
    {
        var (publicKey, pkcs8) = SigningKeyPair.Create(Algorithm);
        try
        {
            var now = clock.GetUtcNow();
            return new SigningKey
            {
                Kid = publicKey.Kid,
                Algorithm = publicKey.Algorithm,
                ProtectedPrivateKey = secrets.Protect(SecretKind.SigningKey, publicKey.Kid, pkcs8),
                State = state,
                CreatedAt = now,
                MaySignAt = now + settling,
                ActivatedAt = state == SigningKeyState.Active ? now : null,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <exception cref="InvalidOperationException">The key is retired: there is nothing left to open.</exception>
    public SigningKeyPair Open(SigningKey key)
    {
        var pkcs8 = secrets.Unprotect(SecretKind.SigningKey, key.Kid, key.ProtectedPrivateKey
            ?? throw new InvalidOperationException($"The signing key {key.Kid} is retired; its private half is destroyed."));
        try
        {
            return SigningKeyPair.Import(key.Algorithm, pkcs8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }
}
