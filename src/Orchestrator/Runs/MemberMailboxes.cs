using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Notifications;

namespace Orchestrator.Runs;

internal sealed class MemberMailboxes(IDbContextFactory<OrchestratorDbContext> databases, Standings standings) : IMemberMailboxes
{
    public async Task<IReadOnlyList<MemberMailbox>> OfAsync(
        NotificationConfiguration configuration, IReadOnlyList<UserId> users, WorkspaceId? workspace, CancellationToken cancellationToken)
    {
        if (users.Count == 0)
        {
            return [];
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var organization = await (configuration.WorkspaceId is { } id
            ? db.Workspaces.Where(row => row.Id == id).Select(row => (OrganizationId?)row.OrganizationId)
            : db.Projects.Where(row => row.Id == configuration.ProjectId).Select(row => (OrganizationId?)row.OrganizationId))
            .FirstOrDefaultAsync(cancellationToken);
        var members = await db.Users.AsNoTracking()
            .Where(user => users.Contains(user.Id) && db.OrganizationMemberships.Any(
                membership => membership.UserId == user.Id && membership.OrganizationId == organization && membership.Status == MembershipStatus.Active))
            .ToListAsync(cancellationToken);
        if (workspace is { } about)
        {
            var project = await db.Workspaces.Where(row => row.Id == about).Select(row => row.ProjectId).FirstOrDefaultAsync(cancellationToken);
            var readers = new List<User>();
            foreach (var member in members)
            {
                var standing = await standings.OfAsync(Principal.Of(member), token: null, cancellationToken);
                if (standing.In(organization!.Value, project, about).HasFlag(WorkspaceRight.ReadRuns))
                {
                    readers.Add(member);
                }
            }
            members = readers;
        }
        return [.. members.Select(member => new MemberMailbox(member.Id, member.Email))];
    }
}
