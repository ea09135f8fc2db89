using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

public static class OwnersTeam
{
    /// <summary>Adds the owners of a new organisation; the caller saves it, together with the organisation.</summary>
    /// <param name="creator">The first of them; null when a program made it that is no person, and nobody is yet.</param>
    public static void AddOwners(this OrchestratorDbContext db, OrganizationId organization, UserId? creator, DateTimeOffset now)
    {
        var team = new Team { Id = Identifier.New<TeamId>(), OrganizationId = organization, Name = Team.Owners, CreatedAt = now };
        db.Teams.Add(team);
        if (creator is not { } owner)
        {
            return;
        }
        var membership = new OrganizationMembership
        {
            Id = Identifier.New<OrganizationMembershipId>(),
            OrganizationId = organization,
            UserId = owner,
            Status = MembershipStatus.Active,
            CreatedAt = now,
        };
        db.OrganizationMemberships.Add(membership);
        db.TeamMembers.Add(new TeamMember { TeamId = team.Id, MembershipId = membership.Id });
    }

    /// <summary>Somebody who can act: an invitation does not own anything yet.</summary>
    public static Task<bool> HasOwnerAsync(this OrchestratorDbContext db, OrganizationId organization, CancellationToken cancellationToken) =>
        db.TeamMembers.AnyAsync(member =>
            db.Teams.Any(team => team.Id == member.TeamId && team.OrganizationId == organization && team.Name == Team.Owners)
            && db.OrganizationMemberships.Any(membership => membership.Id == member.MembershipId && membership.Status == MembershipStatus.Active),
            cancellationToken);
}
