using Microsoft.EntityFrameworkCore;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What a person wants their account to be.</summary>
/// <param name="Username">Null: as it is.</param>
/// <param name="Email">Null: as it is. Empty: none.</param>
public sealed record AccountEdit(string? Username, string? Email);

/// <summary>The account, or why not.</summary>
/// <param name="Field">The attribute at fault.</param>
public sealed record AccountEditResult(User? User, string? Refusal = null, string? Field = null);

/// <summary>The rules for accounts, for the API and the pages alike.</summary>
public sealed class Accounts(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache, Sessions sessions, TimeProvider clock)
{
    public static readonly string NameRule =
        $"A username has 1 to {Names.MaxUserLength} letters, digits, '-' and '_', and does not begin with '{Names.ServiceUserPrefix}'.";

    public const string EmailRule = "That is no e-mail address.";

    /// <summary>The installation's own account stays as it is, and nobody locks themselves out: so there always is a site admin.</summary>
    /// <param name="by">Who asks; null when it is no person.</param>
    /// <returns>Why not, in a sentence; null when it is so.</returns>
    public async Task<string?> SetSiteAdminAsync(UserId id, bool isAdmin, UserId? by, CancellationToken cancellationToken)
    {
        if (id == User.AdminId || id == by)
        {
            return NotThis(id);
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Users.Where(user => user.Id == id).ExecuteUpdateAsync(set => set.SetProperty(user => user.IsSiteAdmin, isAdmin), cancellationToken);
        await cache.ForgetAsync();
        return null;
    }

    /// <summary>While an account is disabled nobody comes in by it, with whatever they show. Its memberships and tokens stay for the day it is
    /// enabled again; its sessions end.</summary>
    /// <inheritdoc cref="SetSiteAdminAsync"/>
    public async Task<string?> SetEnabledAsync(UserId id, bool isEnabled, UserId? by, CancellationToken cancellationToken)
    {
        if (id == User.AdminId || id == by)
        {
            return NotThis(id);
        }
        DateTimeOffset? disabledAt = isEnabled ? null : clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Users.Where(user => user.Id == id && (isEnabled || user.DisabledAt == null))
            .ExecuteUpdateAsync(set => set.SetProperty(user => user.DisabledAt, disabledAt), cancellationToken);
        await cache.ForgetAsync();
        if (!isEnabled)
        {
            await sessions.EndAsync(all => all.Where(session => session.UserId == id), cancellationToken);
        }
        return null;
    }

    private static string NotThis(UserId id) => id == User.AdminId
        ? "This is the installation's own account: whoever has its admin token is in, whatever is said here."
        : "You cannot do that to yourself. Another site admin can.";

    /// <returns>No user and no refusal when the account is gone.</returns>
    public async Task<AccountEditResult> UpdateAsync(UserId id, AccountEdit wanted, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } user)
        {
            return new AccountEditResult(null);
        }
        if (wanted.Username is { } name)
        {
            if (!Names.IsUser(name))
            {
                return new AccountEditResult(null, NameRule, "username");
            }
            (user.Username, user.UsernameKey) = (name, User.KeyOf(name));
        }
        if (wanted.Email is { } address && address != (user.Email ?? ""))
        {
            if (address.Length > 0 && !Names.IsEmail(address))
            {
                return new AccountEditResult(null, EmailRule, "email");
            }
            // Nobody has proved that the new address is this person's, so no invitation to it is for them.
            (user.Email, user.EmailKey) = (address.Length > 0 ? address : null, null);
        }
        if (!await db.TrySaveAsync(cancellationToken))
        {
            return new AccountEditResult(null, "Username has already been taken", "username");
        }
        await cache.ForgetAsync();
        return new AccountEditResult(user);
    }
}
