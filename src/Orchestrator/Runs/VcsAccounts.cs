using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Comments;

namespace Orchestrator.Runs;

/// <summary>Whose an account at a service is. People show it themselves: nobody may say it of somebody else, who would then act for them.</summary>
public sealed class VcsAccounts(IDbContextFactory<OrchestratorDbContext> databases, Principals principals, TimeProvider clock)
{
    /// <summary>Long enough to write a comment.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int CodeLength = 26;

    /// <summary>Connections of the organisations in which somebody is, to services that have comments.</summary>
    public async Task<IReadOnlyList<VcsConnection>> ConnectionsOfAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.VcsConnections.AsNoTracking()
            .Where(row => row.Service != VcsService.PlainGit && db.OrganizationMemberships.Any(
                membership => membership.OrganizationId == row.OrganizationId && membership.UserId == user && membership.Status == MembershipStatus.Active))
            .OrderBy(row => row.OrganizationId).ThenBy(row => row.CreatedAt).ToListAsync(cancellationToken);
    }

    /// <summary>A code made before for the same connection is void.</summary>
    /// <returns>The code; null when the person has no such connection, or names no account.</returns>
    public async Task<string?> MakeCodeAsync(UserId user, OAuthClientId connection, string account, CancellationToken cancellationToken)
    {
        var key = KeyOf(account);
        if (key.Length is 0 or > VcsAccount.MaxName || !(await ConnectionsOfAsync(user, cancellationToken)).Any(row => row.Id == connection))
        {
            return null;
        }
        var code = RandomNumberGenerator.GetString(Alphabet, CodeLength);
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.VcsAccountClaims.Where(row => row.ExpiresAt <= now || (row.UserId == user && row.ConnectionId == connection)).ExecuteDeleteAsync(cancellationToken);
        db.VcsAccountClaims.Add(new VcsAccountClaim { Hash = TokenHash.Of(code), ConnectionId = connection, UserId = user, AccountKey = key, ExpiresAt = now + Lifetime });
        await db.SaveChangesAsync(cancellationToken);
        return code;
    }

    /// <summary>Takes a code that an account has shown.</summary>
    /// <returns>Whose the account is now; null when the code is none, too old, used, or another account's.</returns>
    public async Task<Principal?> ClaimAsync(OAuthClientId connection, VcsSender sender, string code, CancellationToken cancellationToken)
    {
        var (hash, now) = (TokenHash.Of(code), clock.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var claim = await db.VcsAccountClaims.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Hash == hash && row.ConnectionId == connection && row.ExpiresAt > now, cancellationToken);
        if (claim is null || sender.Id is not { Length: > 0 and <= VcsAccount.MaxId } id
            || (claim.AccountKey != KeyOf(id) && (!sender.NameIsUnique || claim.AccountKey != KeyOf(sender.Name ?? "")))
            || await db.VcsAccountClaims.Where(row => row.Hash == hash).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return null;
        }
        // Whoever had shown it before has given it up, or lost it.
        await db.VcsAccounts.Where(row => row.ConnectionId == connection && row.ServiceUserId == id).ExecuteDeleteAsync(cancellationToken);
        db.VcsAccounts.Add(new VcsAccount
        {
            ConnectionId = connection, ServiceUserId = id, ServiceUserName = RunText.Fit(sender.Name, VcsAccount.MaxName) ?? id, UserId = claim.UserId, CreatedAt = now,
        });
        await db.SaveChangesAsync(cancellationToken);
        return await principals.FindAsync(claim.UserId, cancellationToken);
    }

    /// <returns>Null when nobody has shown that the account is theirs.</returns>
    public async Task<Principal?> FindAsync(OAuthClientId connection, VcsSender sender, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.VcsAccounts.Where(row => row.ConnectionId == connection && row.ServiceUserId == sender.Id)
            .Select(row => (UserId?)row.UserId).FirstOrDefaultAsync(cancellationToken);
        return user is { } id ? await principals.FindAsync(id, cancellationToken) : null;
    }

    public async Task<IReadOnlyList<VcsAccount>> OfAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.VcsAccounts.AsNoTracking().Where(row => row.UserId == user).OrderBy(row => row.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task RemoveAsync(UserId user, OAuthClientId connection, string serviceUserId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.VcsAccounts.Where(row => row.UserId == user && row.ConnectionId == connection && row.ServiceUserId == serviceUserId).ExecuteDeleteAsync(cancellationToken);
    }

    private static string KeyOf(string account) => account.Trim().TrimStart('@').ToLowerInvariant();
}
