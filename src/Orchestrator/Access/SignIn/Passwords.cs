using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Access.SignIn;

/// <summary>What a password has proved.</summary>
/// <param name="User">Whose account was meant; null when there is no such one.</param>
/// <param name="WasLocked">This try has used up the last one.</param>
public sealed record PasswordCheck(UserId? User, bool IsRight, bool WasLocked);

/// <summary>Keeps and checks passwords, with ASP.NET Core Identity's hash.</summary>
/// <remarks>Identity's <c>UserManager</c> is not used for it: it counts failures by reading and writing back, so that many guesses at
/// the same time count as one, and it looks at no clock but the machine's.</remarks>
public sealed class Passwords(
    IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets, SignInAttempts attempts, TimeProvider clock)
{
    // PBKDF2 with HMAC-SHA-512, as often as OWASP's password storage cheat sheet asks for.
    private static readonly PasswordHasher<User> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 }));

    /// <summary>Of no password that anybody has: what is checked when there is none, so that the answer takes as long.</summary>
    private static readonly Lazy<string> Nobodys = new(() => Hasher.HashPassword(null!, Guid.NewGuid().ToString()));

    /// <summary>Checks a password from whoever wants to sign in. Takes as long for a name that nobody has.</summary>
    /// <param name="name">A username, or an address that is proved to be somebody's.</param>
    public async Task<PasswordCheck> CheckAsync(string name, string password, CancellationToken cancellationToken)
    {
        var key = User.KeyOf(name.Trim());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from user in db.Users.AsNoTracking()
            where user.UsernameKey == key || user.EmailKey == key
            join row in db.SignInFactors on user.Id equals row.UserId into rows
            from factors in rows.DefaultIfEmpty()
            select new { user.Id, Hash = factors.ProtectedPasswordHash }).FirstOrDefaultAsync(cancellationToken);
        return await CheckAsync(found?.Id, found?.Hash, password, cancellationToken);
    }

    /// <summary>Checks the password of somebody who is in already, before what must not be done by whoever finds the browser open.</summary>
    public async Task<PasswordCheck> CheckAsync(UserId user, string password, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var hash = await db.SignInFactors.Where(row => row.UserId == user).Select(row => row.ProtectedPasswordHash).FirstOrDefaultAsync(cancellationToken);
        return await CheckAsync(user, hash, password, cancellationToken);
    }

    public async Task<bool> HasOneAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.SignInFactors.AnyAsync(row => row.UserId == user && row.ProtectedPasswordHash != null, cancellationToken);
    }

    /// <summary>Gives the person this password, in place of any. Whoever calls has checked that they may, and ends other sessions.</summary>
    /// <returns>Null, or why the password is none.</returns>
    public async Task<string?> SetAsync(UserId user, string? password, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var person = await db.Users.AsNoTracking().FirstAsync(row => row.Id == user, cancellationToken);
        if (PasswordRules.Refusal(password, person.Username, person.Email) is { } refusal)
        {
            return refusal;
        }
        await db.EnsureFactorsAsync(user, cancellationToken);
        var (hash, now) = (secrets.Protect(SecretKind.SignIn, SealedPlaces.OfPassword(user), Hasher.HashPassword(person, password!)), clock.GetUtcNow());
        await db.SignInFactors.Where(row => row.UserId == user).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.ProtectedPasswordHash, hash)
            .SetProperty(row => row.PasswordChangedAt, now)
            .SetProperty(row => row.Attempts, 0)
            .SetProperty(row => row.LockedUntil, (DateTimeOffset?)null), cancellationToken);
        return null;
    }

    private async Task<PasswordCheck> CheckAsync(UserId? user, byte[]? sealedHash, string password, CancellationToken cancellationToken)
    {
        var attempt = user is { } known && sealedHash is not null ? await attempts.CountAsync(known, cancellationToken) : AttemptOutcome.Locked;
        var hash = sealedHash is null ? Nobodys.Value : secrets.UnprotectText(SecretKind.SignIn, SealedPlaces.OfPassword(user!.Value), sealedHash);
        var isRight = password.Length <= PasswordRules.MaxLength
            && Hasher.VerifyHashedPassword(null!, hash, password) != PasswordVerificationResult.Failed
            && sealedHash is not null && attempt != AttemptOutcome.Locked;
        if (isRight)
        {
            await attempts.ForgiveOneAsync(user!.Value, cancellationToken);
        }
        return new PasswordCheck(user, isRight, WasLocked: !isRight && attempt == AttemptOutcome.Last);
    }
}

internal static class FactorRows
{
    /// <summary>Sees to it that the person has a row to write to.</summary>
    public static async Task EnsureFactorsAsync(this OrchestratorDbContext db, UserId user, CancellationToken cancellationToken)
    {
        if (!await db.SignInFactors.AnyAsync(row => row.UserId == user, cancellationToken))
        {
            db.SignInFactors.Add(new SignInFactors { UserId = user });
            // Somebody else may have been faster.
            await db.TrySaveAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }
}
