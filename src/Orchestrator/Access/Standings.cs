using Microsoft.EntityFrameworkCore;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Looks up what somebody may do.</summary>
public sealed class Standings(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache)
{
    /// <param name="token">A run's own; null for everybody else.</param>
    public async ValueTask<Standing> OfAsync(Principal principal, RunToken? token, CancellationToken cancellationToken)
    {
        if (principal.IsSiteAdmin)
        {
            return Standing.OfSiteAdmin;
        }
        return principal.Kind switch
        {
            PrincipalKind.Organization => Standing.Of(new OrganizationId(principal.Id), AccessRules.OrganizationToken),
            PrincipalKind.Run when token is not null => await OfRunAsync(token, cancellationToken),
            PrincipalKind.Run => Standing.Nothing,
            PrincipalKind.User or PrincipalKind.Team =>
                (await cache.GetAsync($"standing:{principal.Id}", cancel => LoadAsync(principal, cancel), cancellationToken))!,
        };
    }

    private async Task<Standing> OfRunAsync(RunToken token, CancellationToken cancellationToken)
    {
        var owner = await cache.GetAsync($"run-owner:{token.WorkspaceId}", async cancel =>
        {
            await using var db = await databases.CreateDbContextAsync(cancel);
            return await db.Workspaces.Where(row => row.Id == token.WorkspaceId)
                .Select(row => new Owner(row.OrganizationId)).FirstOrDefaultAsync(cancel);
        }, cancellationToken);
        return owner is null
            ? Standing.Nothing
            : Standing.Of(owner.Organization, new OrganizationRights(OrganizationRight.Traverse, 0, 0)).Add(token.WorkspaceId, AccessRules.Of(token));
    }

    private async Task<Standing?> LoadAsync(Principal principal, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var standing = new Standing();
        List<Team> teams;
        if (principal.Kind == PrincipalKind.User)
        {
            var user = new UserId(principal.Id);
            var hasSecondFactor = await db.HasSecondFactorAsync(user, cancellationToken);
            var memberships = db.OrganizationMemberships.AsNoTracking()
                .Where(membership => membership.UserId == user && membership.Status == MembershipStatus.Active
                    && (hasSecondFactor || !db.Organizations.Any(row => row.Id == membership.OrganizationId && row.RequiresTwoFactor)));
            foreach (var organization in await memberships.Select(membership => membership.OrganizationId).ToListAsync(cancellationToken))
            {
                standing.Add(organization, AccessRules.Membership);
            }
            teams = await (
                from membership in memberships
                join member in db.TeamMembers on membership.Id equals member.MembershipId
                join team in db.Teams.AsNoTracking() on member.TeamId equals team.Id
                // A team consists of its organisation's members, whatever a row may say.
                where team.OrganizationId == membership.OrganizationId
                select team).ToListAsync(cancellationToken);
        }
        else
        {
            var id = new TeamId(principal.Id);
            teams = await db.Teams.AsNoTracking().Where(team => team.Id == id).ToListAsync(cancellationToken);
        }
        foreach (var team in teams)
        {
            standing.Add(team.Id);
            standing.Add(team.OrganizationId, AccessRules.Of(team, byToken: principal.Kind == PrincipalKind.Team));
        }
        await AddAccessAsync(db, standing, [.. teams.Select(team => team.Id)], cancellationToken);
        return standing;
    }

    private static async Task AddAccessAsync(OrchestratorDbContext db, Standing standing, TeamId[] teams, CancellationToken cancellationToken)
    {
        if (teams.Length == 0)
        {
            return;
        }
        // No row gives a team anything outside its own organisation.
        var toProjects = await (
            from access in db.TeamProjectAccesses.AsNoTracking()
            where teams.Contains(access.TeamId)
            join team in db.Teams on access.TeamId equals team.Id
            join project in db.Projects on access.ProjectId equals project.Id
            where project.OrganizationId == team.OrganizationId
            select access).ToListAsync(cancellationToken);
        foreach (var access in toProjects)
        {
            standing.Add(access.ProjectId, AccessRules.Of(access.Level, access.Custom, access.CustomWorkspaces));
        }
        var direct = await (
            from access in db.TeamWorkspaceAccesses.AsNoTracking()
            where teams.Contains(access.TeamId)
            join team in db.Teams on access.TeamId equals team.Id
            join workspace in db.Workspaces on access.WorkspaceId equals workspace.Id
            where workspace.OrganizationId == team.OrganizationId
            select new { access, workspace.ProjectId }).ToListAsync(cancellationToken);
        foreach (var row in direct)
        {
            standing.Add(row.access.WorkspaceId, AccessRules.Of(row.access.Level, row.access.Custom));
            // Whoever sees a workspace sees which project it is in.
            standing.Add(row.ProjectId, new ProjectRights(ProjectRight.Read, 0));
        }
    }

    private sealed record Owner(OrganizationId Organization);
}
