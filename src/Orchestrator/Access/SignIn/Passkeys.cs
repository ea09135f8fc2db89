using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>Keeps passkeys. ASP.NET Core Identity makes and checks what browsers send.</summary>
public sealed class Passkeys(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache, TimeProvider clock)
{
    /// <summary>More devices than a person has.</summary>
    public const int MaxOfOne = 20;

    /// <returns>False when the key is registered already, or the person has <see cref="MaxOfOne"/>.</returns>
    public async Task<bool> AddAsync(UserId user, string name, UserPasskeyInfo made, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Passkeys.CountAsync(row => row.UserId == user, cancellationToken) >= MaxOfOne)
        {
            return false;
        }
        db.Passkeys.Add(new Passkey
        {
            Id = Identifier.New<PasskeyId>(),
            UserId = user,
            CredentialId = made.CredentialId,
            CredentialHash = HashOf(made.CredentialId),
            Name = name.Length > Passkey.MaxNameLength ? name[..Passkey.MaxNameLength] : name,
            PublicKey = made.PublicKey,
            SignCount = made.SignCount,
            Transports = string.Join(',', made.Transports ?? []),
            IsUserVerified = made.IsUserVerified,
            IsBackupEligible = made.IsBackupEligible,
            IsBackedUp = made.IsBackedUp,
            AttestationObject = made.AttestationObject,
            ClientDataJson = made.ClientDataJson,
            CreatedAt = clock.GetUtcNow(),
        });
        var added = await db.TrySaveAsync(cancellationToken);
        await cache.ForgetAsync();
        return added;
    }

    public async Task<IReadOnlyList<Passkey>> OfAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Passkeys.AsNoTracking().Where(row => row.UserId == user).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)
            .ToListAsync(cancellationToken);
    }

    /// <returns>Null when nobody has it.</returns>
    public async Task<Passkey?> FindAsync(byte[] credential, CancellationToken cancellationToken)
    {
        var hash = HashOf(credential);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Passkeys.AsNoTracking().FirstOrDefaultAsync(row => row.CredentialHash == hash, cancellationToken);
    }

    /// <summary>Records that it has signed.</summary>
    /// <returns>False when the key is gone, or has counted that far already: something that was sent before is sent again.</returns>
    public async Task<bool> UseAsync(UserPasskeyInfo used, CancellationToken cancellationToken)
    {
        var (hash, count, now) = (HashOf(used.CredentialId), (long)used.SignCount, clock.GetUtcNow());
        var isBackedUp = used.IsBackedUp;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Passkeys
            .Where(row => row.CredentialHash == hash && (row.SignCount < count || (row.SignCount == 0 && count == 0)))
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.SignCount, count)
                .SetProperty(row => row.IsBackedUp, isBackedUp)
                .SetProperty(row => row.LastUsedAt, now), cancellationToken) == 1;
    }

    public async Task<bool> RemoveAsync(UserId user, PasskeyId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await db.Passkeys.Where(row => row.UserId == user && row.Id == id).ExecuteDeleteAsync(cancellationToken);
        await cache.ForgetAsync();
        return removed == 1;
    }

    private static string HashOf(byte[] credential) => Convert.ToHexStringLower(SHA256.HashData(credential));
}
