using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Access.SignIn;

/// <summary>How far a person has come with an authenticator.</summary>
public enum AuthenticatorState
{
    None,

    /// <summary>A key was made, and nobody has shown yet that an authenticator has it.</summary>
    Pending,

    /// <summary>Its codes are asked for.</summary>
    Active,
}

/// <summary>The second factor beside a password: codes of an authenticator, and recovery codes for the day it is lost.</summary>
public sealed class Authenticators(
    IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets, AccessCache cache, TimeProvider clock)
{
    public const int RecoveryCodeCount = 10;

    // Nothing that is mistaken for something else; 20 of 31 letters are 99 bits.
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int Groups = 4;
    private const int GroupLength = 5;

    public async Task<AuthenticatorState> StateOfAsync(UserId user, CancellationToken cancellationToken)
    {
        var row = await RowAsync(user, cancellationToken);
        return row?.ProtectedTimeCodeKey is null ? AuthenticatorState.None
            : row.TimeCodeSince is null ? AuthenticatorState.Pending
            : AuthenticatorState.Active;
    }

    /// <summary>Makes a new key, unless codes of another one are asked for already.</summary>
    public async Task BeginAsync(UserId user, CancellationToken cancellationToken)
    {
        var key = secrets.Protect(SecretKind.SignIn, SealedPlaces.OfTimeCode(user), RandomNumberGenerator.GetBytes(TimeCodes.KeyLength));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.EnsureFactorsAsync(user, cancellationToken);
        await db.SignInFactors.Where(row => row.UserId == user && row.TimeCodeSince == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ProtectedTimeCodeKey, key), cancellationToken);
    }

    /// <summary>The key that waits to be taken into an authenticator, as people type it; null when none does.</summary>
    public async Task<string?> PendingKeyAsync(UserId user, CancellationToken cancellationToken) =>
        await RowAsync(user, cancellationToken) is { ProtectedTimeCodeKey: { } key, TimeCodeSince: null }
            ? TimeCodes.Spell(secrets.Unprotect(SecretKind.SignIn, SealedPlaces.OfTimeCode(user), key))
            : null;

    /// <summary>From now on its codes are asked for.</summary>
    /// <returns>The recovery codes, which nobody will see again; null when the code is not the pending key's.</returns>
    public async Task<IReadOnlyList<string>?> ConfirmAsync(UserId user, string code, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await RowAsync(user, cancellationToken) is not { ProtectedTimeCodeKey: { } key, TimeCodeSince: null }
            || TimeCodes.Match(secrets.Unprotect(SecretKind.SignIn, SealedPlaces.OfTimeCode(user), key), Bare(code), now) is not { } step)
        {
            return null;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var confirmed = await db.SignInFactors
            .Where(row => row.UserId == user && row.TimeCodeSince == null && row.ProtectedTimeCodeKey == key)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.TimeCodeSince, now).SetProperty(row => row.LastTimeStep, step), cancellationToken);
        if (confirmed == 0)
        {
            return null;
        }
        await cache.ForgetAsync();
        return await RenewRecoveryCodesAsync(user, cancellationToken);
    }

    /// <summary>Uses a code up: neither it nor an earlier one is good again. Whoever calls counts the try.</summary>
    public async Task<bool> UseCodeAsync(UserId user, string code, CancellationToken cancellationToken)
    {
        if (await RowAsync(user, cancellationToken) is not { ProtectedTimeCodeKey: { } key, TimeCodeSince: not null }
            || TimeCodes.Match(secrets.Unprotect(SecretKind.SignIn, SealedPlaces.OfTimeCode(user), key), Bare(code), clock.GetUtcNow()) is not { } step)
        {
            return false;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.SignInFactors.Where(row => row.UserId == user && row.LastTimeStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LastTimeStep, step), cancellationToken) == 1;
    }

    /// <summary>Uses a recovery code up.</summary>
    public async Task<bool> UseRecoveryCodeAsync(UserId user, string code, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(Bare(code));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.RecoveryCodes.Where(row => row.UserId == user && row.Hash == hash).ExecuteDeleteAsync(cancellationToken) == 1;
    }

    public async Task<int> RecoveryCodesLeftAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.RecoveryCodes.CountAsync(row => row.UserId == user, cancellationToken);
    }

    /// <summary>Makes new recovery codes and voids the old ones.</summary>
    public async Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(UserId user, CancellationToken cancellationToken)
    {
        string[] codes = [.. Enumerable.Range(0, RecoveryCodeCount).Select(_ =>
            string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Letters, GroupLength))))];
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.RecoveryCodes.Where(row => row.UserId == user).ExecuteDeleteAsync(cancellationToken);
        db.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { UserId = user, Hash = TokenHash.Of(Bare(code)) }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return codes;
    }

    /// <summary>No code is asked for any more. Also ends what was only begun.</summary>
    public async Task RemoveAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.RecoveryCodes.Where(row => row.UserId == user).ExecuteDeleteAsync(cancellationToken);
        await db.SignInFactors.Where(row => row.UserId == user).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.ProtectedTimeCodeKey, (byte[]?)null)
            .SetProperty(row => row.TimeCodeSince, (DateTimeOffset?)null), cancellationToken);
        await cache.ForgetAsync();
    }

    /// <summary>As it was made, however it was typed.</summary>
    private static string Bare(string code) => string.Concat(code.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private async Task<SignInFactors?> RowAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.SignInFactors.AsNoTracking().FirstOrDefaultAsync(row => row.UserId == user, cancellationToken);
    }
}
