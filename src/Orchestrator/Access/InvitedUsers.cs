using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Clients take it for granted that a membership has a user. Somebody who is invited has one under the membership's own letters,
/// until there is an account.</summary>
public static class InvitedUsers
{
    public static string IdOf(OrganizationMembershipId membership) => UserId.Prefix + membership.Value[OrganizationMembershipId.Prefix.Length..];

    public static string IdOf(OrganizationMembership membership) => membership.UserId?.Value ?? IdOf(membership.Id);

    /// <summary>The membership that such an id may stand for.</summary>
    public static OrganizationMembershipId MembershipOf(string user) =>
        new(OrganizationMembershipId.Prefix + user[Math.Min(UserId.Prefix.Length, user.Length)..]);
}
