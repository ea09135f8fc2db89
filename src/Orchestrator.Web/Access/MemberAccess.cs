using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Access;

/// <summary>What one member of an organisation may do in each of its workspaces, and what gives it: the answer to "why can she?", which the
/// page and the API give alike.</summary>
/// <param name="Workspaces">Those that the member sees, and whoever asks.</param>
internal sealed record MemberAccess(User Person, IReadOnlyList<Ground> Grounds, IQueryable<Workspace> Workspaces)
{
    /// <param name="asker">Who wants to know: what they may not know of is left out.</param>
    /// <returns>Null when there is no such member.</returns>
    public static async Task<MemberAccess?> FindAsync(
        OrchestratorDbContext db, Standings standings, OrganizationId organization, UserId id, Standing asker, CancellationToken cancellationToken)
    {
        var person = await db.OrganizationMemberships.AnyAsync(
                row => row.OrganizationId == organization && row.UserId == id && row.Status == MembershipStatus.Active, cancellationToken)
            ? await db.Users.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken)
            : null;
        if (person is null)
        {
            return null;
        }
        var standing = await standings.OfAsync(Principal.Of(person), token: null, cancellationToken);
        return new MemberAccess(
            person,
            await standings.GroundsAsync(person, cancellationToken),
            db.Workspaces.AsNoTracking().Where(row => row.OrganizationId == organization).SeenBy(db, standing).SeenBy(db, asker).OrderBy(row => row.Name));
    }

    /// <summary>The grounds that give something in a workspace, each with what it gives.</summary>
    public IReadOnlyList<(Ground Ground, WorkspaceRight Gives)> In(Workspace workspace) =>
    [
        .. Grounds.Select(ground => (ground, ground.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id))).Where(row => row.Item2 != 0),
    ];
}
