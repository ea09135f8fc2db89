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
        // Whoever was invited when they were named is found by their membership, also when there is an account by now.
        var invited = users.ToDictionary(user => InvitedUsers.MembershipOf(user.Value));
        var found = await (
            from membership in db.OrganizationMemberships.AsNoTracking()
            where membership.OrganizationId == organization
                && ((membership.UserId != null && users.Contains(membership.UserId.Value)) || invited.Keys.Contains(membership.Id))
            join user in db.Users on membership.UserId equals user.Id into accounts
            from account in accounts.DefaultIfEmpty()
            select new { membership, account }).ToListAsync(cancellationToken);
        var project = workspace is { } about
            ? await db.Workspaces.Where(row => row.Id == about).Select(row => row.ProjectId).FirstOrDefaultAsync(cancellationToken)
            : default;
        var mailboxes = new List<MemberMailbox>();
        foreach (var row in found)
        {
            var named = row.membership.UserId is { } user && users.Contains(user) ? user : invited[row.membership.Id];
            var account = row.membership.Status == MembershipStatus.Active && row.account is { DisabledAt: null } ? row.account : null;
            if (workspace is null)
            {
                mailboxes.Add(new MemberMailbox(named, account?.Email));
            }
            else if (account is not null
                && (await standings.OfAsync(Principal.Of(account), token: null, cancellationToken))
                    .In(organization!.Value, project, workspace.Value).HasFlag(WorkspaceRight.ReadRuns))
            {
                mailboxes.Add(new MemberMailbox(named, account.Email));
            }
        }
        return mailboxes;
    }
}
