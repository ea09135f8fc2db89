using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Makes codes that work once, at whichever process of the installation they are shown.</summary>
public sealed class OneTimeCodes(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    /// <returns>The code itself, 64 hex digits; only its hash is kept.</returns>
    public async Task<string> MakeAsync(OneTimePurpose purpose, UserId user, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.OneTimeCodes.Where(old => old.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        db.OneTimeCodes.Add(new OneTimeCode { Hash = TokenHash.Of(code), Purpose = purpose, UserId = user, ExpiresAt = now + lifetime });
        await db.SaveChangesAsync(cancellationToken);
        return code;
    }

    /// <summary>Looks for whom a code is, and leaves it as it is.</summary>
    /// <returns>As <see cref="RedeemAsync"/> would now.</returns>
    public async Task<UserId?> PeekAsync(OneTimePurpose purpose, string code, CancellationToken cancellationToken)
    {
        var (hash, now) = (TokenHash.Of(code), clock.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.OneTimeCodes
            .Where(row => row.Hash == hash && row.Purpose == purpose && row.UsedAt == null && row.ExpiresAt > now)
            .Select(row => (UserId?)row.UserId)
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Uses a code up.</summary>
    /// <returns>For whom; null when it was never made for this purpose, was used, is too old, or was void.</returns>
    public async Task<UserId?> RedeemAsync(OneTimePurpose purpose, string code, CancellationToken cancellationToken)
    {
        var (hash, now) = (TokenHash.Of(code), clock.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var used = await db.OneTimeCodes
            .Where(row => row.Hash == hash && row.Purpose == purpose && row.UsedAt == null && row.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UsedAt, now), cancellationToken);
        return used == 0
            ? null
            : await db.OneTimeCodes.Where(row => row.Hash == hash).Select(row => (UserId?)row.UserId).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Voids what was made for this person and this purpose until now.</summary>
    public async Task VoidAsync(OneTimePurpose purpose, UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.OneTimeCodes.Where(row => row.Purpose == purpose && row.UserId == user).ExecuteDeleteAsync(cancellationToken);
    }
}
