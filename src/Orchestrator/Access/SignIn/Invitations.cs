using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>A membership of somebody invited, or why there is none.</summary>
/// <param name="Field">What is at fault: <c>email</c> or <c>username</c>.</param>
public sealed record InviteResult(OrganizationMembership? Membership, string? Refusal = null, string? Field = null);

/// <summary>What a link invites to.</summary>
/// <param name="Organization">Its name.</param>
/// <param name="Email">The invited address; null when an account was invited.</param>
/// <param name="User">Who alone may accept; null when whoever has the link may.</param>
public sealed record OpenInvitation(OrganizationMembershipId Membership, string Organization, string? Email, UserId? User);

public enum AcceptOutcome
{
    Accepted,

    /// <summary>The link was used, is too old, or the invitation was taken back.</summary>
    Gone,

    /// <summary>It is for another account.</summary>
    NotTheirs,

    /// <summary>They are a member already.</summary>
    AlreadyMember,
}

/// <summary>Invites people into organisations, and lets them accept.</summary>
public sealed class Invitations(IDbContextFactory<OrchestratorDbContext> databases, Passwords passwords, AccessCache cache, TimeProvider clock)
{
    /// <summary>Long enough for whoever is on holiday.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Invites whoever an address belongs to. Somebody who has an account and has proved the address is a member at once.</summary>
    /// <param name="teams">Of the organisation; whoever calls has checked that they may be chosen.</param>
    public async Task<InviteResult> InviteAsync(
        OrganizationId organization, string email, IReadOnlyCollection<TeamId> teams, CancellationToken cancellationToken)
    {
        if (!Names.IsEmail(email))
        {
            return new InviteResult(null, Accounts.EmailRule, "email");
        }
        var key = User.KeyOf(email);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().FirstOrDefaultAsync(row => row.EmailKey == key, cancellationToken);
        return await AddAsync(db, new OrganizationMembership
        {
            Id = Identifier.New<OrganizationMembershipId>(),
            OrganizationId = organization,
            UserId = user?.Id,
            Status = user is null ? MembershipStatus.Invited : MembershipStatus.Active,
            Email = email,
            EmailKey = key,
            CreatedAt = clock.GetUtcNow(),
        }, teams, "email", cancellationToken);
    }

    /// <summary>Invites somebody who has an account. They become a member when they accept.</summary>
    public async Task<InviteResult> InviteUserAsync(
        OrganizationId organization, string username, IReadOnlyCollection<TeamId> teams, CancellationToken cancellationToken)
    {
        var key = User.KeyOf(username);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().FirstOrDefaultAsync(row => row.UsernameKey == key, cancellationToken) is { } user
            ? await AddAsync(db, new OrganizationMembership
            {
                Id = Identifier.New<OrganizationMembershipId>(),
                OrganizationId = organization,
                UserId = user.Id,
                Status = MembershipStatus.Invited,
                CreatedAt = clock.GetUtcNow(),
            }, teams, "username", cancellationToken)
            : new InviteResult(null, "Nobody here has that name. Invite them by their e-mail address.", "username");
    }

    /// <summary>Makes a link for an invitation that is open. A link of the same kind that was made earlier is void.</summary>
    /// <returns>Its code; null when there is no such open invitation.</returns>
    public async Task<string?> MakeLinkAsync(OrganizationMembershipId membership, bool isMailed, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.OrganizationMemberships.AnyAsync(row => row.Id == membership && row.Status == MembershipStatus.Invited, cancellationToken))
        {
            return null;
        }
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await db.Invitations.Where(row => row.ExpiresAt <= now || (row.MembershipId == membership && row.WasMailed == isMailed))
            .ExecuteDeleteAsync(cancellationToken);
        db.Invitations.Add(new Invitation { Hash = TokenHash.Of(code), MembershipId = membership, WasMailed = isMailed, ExpiresAt = now + Lifetime });
        await db.SaveChangesAsync(cancellationToken);
        return code;
    }

    /// <returns>Null when the link does not work, or not any more.</returns>
    public async Task<OpenInvitation?> FindAsync(string code, CancellationToken cancellationToken)
    {
        var (hash, now) = (TokenHash.Of(code), clock.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from invitation in db.Invitations
            where invitation.Hash == hash && invitation.ExpiresAt > now
            join membership in db.OrganizationMemberships on invitation.MembershipId equals membership.Id
            where membership.Status == MembershipStatus.Invited
            join organization in db.Organizations on membership.OrganizationId equals organization.Id
            select new OpenInvitation(membership.Id, organization.Name, membership.Email, membership.UserId)).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Makes this person the member that was invited. The link is used up.</summary>
    public async Task<AcceptOutcome> AcceptAsync(string code, UserId user, CancellationToken cancellationToken)
    {
        var (hash, now) = (TokenHash.Of(code), clock.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var invitation = await db.Invitations.AsNoTracking().FirstOrDefaultAsync(row => row.Hash == hash && row.ExpiresAt > now, cancellationToken);
        // Whoever deletes it has it: two who use the link at the same time do not both.
        if (invitation is null || await db.Invitations.Where(row => row.Hash == hash).ExecuteDeleteAsync(cancellationToken) == 0
            || await db.OrganizationMemberships.AsNoTracking().FirstOrDefaultAsync(
                row => row.Id == invitation.MembershipId && row.Status == MembershipStatus.Invited, cancellationToken) is not { } membership)
        {
            return AcceptOutcome.Gone;
        }
        if (membership.UserId is { } meant && meant != user)
        {
            return AcceptOutcome.NotTheirs;
        }
        if (await db.OrganizationMemberships.AnyAsync(
            row => row.OrganizationId == membership.OrganizationId && row.UserId == user && row.Id != membership.Id, cancellationToken))
        {
            return AcceptOutcome.AlreadyMember;
        }
        await db.OrganizationMemberships.Where(row => row.Id == membership.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.UserId, user)
            .SetProperty(row => row.Status, MembershipStatus.Active), cancellationToken);
        await db.Invitations.Where(row => row.MembershipId == membership.Id).ExecuteDeleteAsync(cancellationToken);
        if (invitation.WasMailed && membership is { Email: { } email, EmailKey: { } key })
        {
            await db.Users
                .Where(row => row.Id == user && row.EmailKey == null && (row.Email == null || row.Email == email) && !db.Users.Any(other => other.EmailKey == key))
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Email, email).SetProperty(row => row.EmailKey, key), cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        await cache.ForgetAsync();
        return AcceptOutcome.Accepted;
    }

    /// <summary>Makes an account for whoever has the link, and the account a member.</summary>
    /// <returns>No user when the link does not work, or an account was invited that exists; or when there is a refusal, with the field
    /// at fault: <c>username</c> or <c>password</c>.</returns>
    public async Task<AccountEditResult> RegisterAsync(string code, string username, string password, CancellationToken cancellationToken)
    {
        if (await FindAsync(code, cancellationToken) is not { User: null } invitation)
        {
            return new AccountEditResult(null);
        }
        if (!Names.IsUser(username))
        {
            return new AccountEditResult(null, Accounts.NameRule, "username");
        }
        if (PasswordRules.Refusal(password, username, invitation.Email) is { } refusal)
        {
            return new AccountEditResult(null, refusal, "password");
        }
        var user = new User { Id = Identifier.New<UserId>(), Username = username, UsernameKey = User.KeyOf(username), CreatedAt = clock.GetUtcNow() };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Users.Add(user);
        if (!await db.TrySaveAsync(cancellationToken))
        {
            return new AccountEditResult(null, "Username has already been taken", "username");
        }
        // The password comes last: an account of a link that somebody else was faster with opens nothing.
        if (await AcceptAsync(code, user.Id, cancellationToken) != AcceptOutcome.Accepted)
        {
            await db.Users.Where(row => row.Id == user.Id).ExecuteDeleteAsync(cancellationToken);
            return new AccountEditResult(null);
        }
        await passwords.SetAsync(user.Id, password, cancellationToken);
        return new AccountEditResult(user);
    }

    private async Task<InviteResult> AddAsync(
        OrchestratorDbContext db, OrganizationMembership membership, IReadOnlyCollection<TeamId> teams, string field, CancellationToken cancellationToken)
    {
        db.OrganizationMemberships.Add(membership);
        db.TeamMembers.AddRange(teams.Select(team => new TeamMember { TeamId = team, MembershipId = membership.Id }));
        if (!await db.TrySaveAsync(cancellationToken))
        {
            return new InviteResult(null, "This person is a member, or invited, already.", field);
        }
        await cache.ForgetAsync();
        return new InviteResult(membership);
    }
}
