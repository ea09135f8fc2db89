using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Removes people from organisations, for the API and the pages alike.</summary>
public sealed class Memberships(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache)
{
    public const string OnlyAnotherOwner = "Only another owner removes an owner.";

    /// <summary>Whoever leaves the organisation leaves its teams.</summary>
    /// <param name="mayManageOwners">Whoever asks may change who the owners are.</param>
    /// <param name="asker">Null when it is no person.</param>
    /// <returns>Why not, in a sentence; null when they are gone.</returns>
    public async Task<string?> RemoveAsync(OrganizationMembershipId id, bool mayManageOwners, UserId? asker, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            var found = await db.OrganizationMemberships.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (found is null)
            {
                return null;
            }
            var owns = await db.TeamMembers.AnyAsync(member => member.MembershipId == id
                && db.Teams.Any(team => team.Id == member.TeamId && team.Name == Team.Owners), cancellationToken);
            if (owns && (!mayManageOwners || (found.UserId is not null && found.UserId == asker)))
            {
                return OnlyAnotherOwner;
            }
            await db.OrganizationMemberships.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
            if (owns && !await db.HasOwnerAsync(found.OrganizationId, cancellationToken))
            {
                return TeamSettings.LastOwner;
            }
            await transaction.CommitAsync(cancellationToken);
        }
        await cache.ForgetAsync();
        return null;
    }
}
