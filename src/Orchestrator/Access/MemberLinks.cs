using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

public enum MemberLinkRefusal
{
    /// <summary>Nobody of this id has an account and is in the organisation.</summary>
    NoMember,

    /// <summary>Whoever signs in as this person could do things outside the organisation, of which its owners are no masters.</summary>
    NotTheirsAlone,
}

/// <summary>A new link's code, or why there is none. Exactly one of the two is set.</summary>
public sealed record MemberLink(string? Code, MemberLinkRefusal? Refusal);

/// <summary>Makes links by which people sign in who have an account and no other way to it.</summary>
public sealed class MemberLinks(OneTimeCodes codes, IDbContextFactory<OrchestratorDbContext> databases)
{
    /// <summary>Long enough to reach somebody by mail.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>On the word of whoever runs the server. A link made before for the same person is void.</summary>
    /// <returns>Its code.</returns>
    public async Task<string> MakeAsync(UserId user, CancellationToken cancellationToken)
    {
        await codes.VoidAsync(OneTimePurpose.MemberSignIn, user, cancellationToken);
        return await codes.MakeAsync(OneTimePurpose.MemberSignIn, user, Lifetime, cancellationToken);
    }

    /// <summary>On the word of an owner of this organisation, who could sign in with the link themselves: so only for somebody who may
    /// nothing elsewhere.</summary>
    public async Task<MemberLink> MakeAsync(OrganizationId organization, UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var account = await db.Users.AsNoTracking().FirstOrDefaultAsync(row => row.Id == user, cancellationToken);
        var organizations = await db.OrganizationMemberships
            .Where(membership => membership.UserId == user)
            .Select(membership => new { membership.OrganizationId, membership.Status })
            .ToListAsync(cancellationToken);
        // Whoever is invited has not agreed to anything yet.
        if (account is null || !organizations.Exists(row => row.OrganizationId == organization && row.Status == MembershipStatus.Active))
        {
            return new MemberLink(null, MemberLinkRefusal.NoMember);
        }
        return account.IsSiteAdmin || organizations.Exists(other => other.OrganizationId != organization)
            ? new MemberLink(null, MemberLinkRefusal.NotTheirsAlone)
            : new MemberLink(await MakeAsync(user, cancellationToken), null);
    }
}
