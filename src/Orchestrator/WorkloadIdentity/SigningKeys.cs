using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>A key pair in memory, ready to sign.</summary>
public sealed record SigningKeyPair(string Kid, string Algorithm, RSAParameters PublicKey, SigningCredentials Credentials)
{
    public override string ToString() => $"signing key {Kid}";
}

/// <summary>The key ring: makes the first key, keeps the active one in memory, and knows which ones are published.</summary>
public sealed class SigningKeys(IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets, TimeProvider clock) : IDisposable
{
    private const int KeyBits = 3072;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private SigningKeyPair? _active;

    /// <summary>The key that signs now; made when there is none yet.</summary>
    public async ValueTask<SigningKeyPair> ActiveAsync(CancellationToken cancellationToken)
    {
        if (_active is { } known)
        {
            return known;
        }
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _active ??= await LoadAsync(cancellationToken) ?? await CreateAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Every key that relying parties may still need: the active one and those that are retiring.</summary>
    public async Task<IReadOnlyList<SigningKeyPair>> PublishedAsync(CancellationToken cancellationToken)
    {
        await ActiveAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.SigningKeys.AsNoTracking()
            .Where(key => key.State == SigningKeyState.Active || key.State == SigningKeyState.Retiring)
            .OrderBy(key => key.CreatedAt)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(Open)];
    }

    public void Dispose() => _gate.Dispose();

    private async Task<SigningKeyPair?> LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.SigningKeys.AsNoTracking()
            .SingleOrDefaultAsync(key => key.State == SigningKeyState.Active, cancellationToken);
        return row is null ? null : Open(row);
    }

    private async Task<SigningKeyPair> CreateAsync(CancellationToken cancellationToken)
    {
        using var rsa = RSA.Create(KeyBits);
        var pkcs8 = rsa.ExportPkcs8PrivateKey();
        var row = new SigningKey
        {
            Kid = Thumbprint(rsa.ExportParameters(includePrivateParameters: false)),
            Algorithm = SecurityAlgorithms.RsaSha256,
            ProtectedPrivateKey = secrets.Protect(SecretKind.SigningKey, pkcs8),
            State = SigningKeyState.Active,
            CreatedAt = clock.GetUtcNow(),
        };
        CryptographicOperations.ZeroMemory(pkcs8);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.SigningKeys.Add(row);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return Open(row);
        }
        catch (DbUpdateException)
        {
            // Another process made the first key at the same moment: the index lets one through, and that one is ours too.
            return await LoadAsync(cancellationToken) ?? throw new InvalidOperationException("The signing key could not be stored.");
        }
    }

    private SigningKeyPair Open(SigningKey row)
    {
        var pkcs8 = secrets.Unprotect(SecretKind.SigningKey, row.ProtectedPrivateKey);
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        CryptographicOperations.ZeroMemory(pkcs8);
        var credentials = new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = row.Kid }, row.Algorithm);
        return new SigningKeyPair(row.Kid, row.Algorithm, rsa.ExportParameters(includePrivateParameters: false), credentials);
    }

    /// <summary>RFC 7638.</summary>
    private static string Thumbprint(RSAParameters publicKey) =>
        Base64UrlEncoder.Encode(new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.RSA,
            N = Base64UrlEncoder.Encode(publicKey.Modulus),
            E = Base64UrlEncoder.Encode(publicKey.Exponent),
        }.ComputeJwkThumbprint());
}
