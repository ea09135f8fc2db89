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
        if (principal.HoldsKey)
        {
            return Standing.OfSiteAdmin;
        }
        return principal.Kind switch
        {
            PrincipalKind.Organization => Standing.Of(new OrganizationId(principal.Id), AccessRules.OrganizationToken),
            PrincipalKind.Run when token is not null => await OfRunAsync(token, cancellationToken),
            PrincipalKind.Run => Standing.Nothing,
            PrincipalKind.User or PrincipalKind.Team =>
                (await cache.GetAsync($"standing:{(principal.IsSiteAdmin ? "admin:" : "")}{principal.Id}", cancel => LoadAsync(principal, cancel), cancellationToken))!,
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

    /// <summary>Why a person may do what they may: what a person's <see cref="Standing"/> is the sum of. Read anew each time.</summary>
    public async Task<IReadOnlyList<Ground>> GroundsAsync(User user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await GroundsAsync(db, Principal.Of(user), cancellationToken);
    }

    private async Task<Standing?> LoadAsync(Principal principal, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return Standing.Of(await GroundsAsync(db, principal, cancellationToken));
    }

    private static async Task<List<Ground>> GroundsAsync(OrchestratorDbContext db, Principal principal, CancellationToken cancellationToken)
    {
        var grounds = new List<Ground>();
        List<Team> teams;
        if (principal.Kind == PrincipalKind.User)
        {
            var user = new UserId(principal.Id);
            var hasSecondFactor = await db.HasSecondFactorAsync(user, cancellationToken);
            if (principal.IsSiteAdmin)
            {
                grounds.AddRange(await OfSiteAdminAsync(db, hasSecondFactor, cancellationToken));
            }
            var memberships = db.OrganizationMemberships.AsNoTracking()
                .Where(membership => membership.UserId == user && membership.Status == MembershipStatus.Active
                    && (hasSecondFactor || !db.Organizations.Any(row => row.Id == membership.OrganizationId && row.RequiresTwoFactor)));
            grounds.AddRange((await memberships.Select(membership => membership.OrganizationId).ToListAsync(cancellationToken))
                .Select(organization => new Ground(GroundKind.Membership) { Organization = organization, Whole = AccessRules.Membership }));
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
        grounds.AddRange(teams.Select(team => new Ground(GroundKind.Team)
        {
            Organization = team.OrganizationId,
            Team = team,
            Whole = AccessRules.Of(team, byToken: principal.Kind == PrincipalKind.Team),
        }));
        await AddAccessAsync(db, grounds, teams, cancellationToken);
        return grounds;
    }

    /// <summary>An organisation that asks for a second factor asks site admins, too: they are worth more to a thief than its members.</summary>
    private static async Task<IEnumerable<Ground>> OfSiteAdminAsync(OrchestratorDbContext db, bool hasSecondFactor, CancellationToken cancellationToken)
    {
        var all = new Ground(GroundKind.SiteAdmin) { Whole = AccessRules.Everything };
        return hasSecondFactor || !await db.Organizations.AnyAsync(row => row.RequiresTwoFactor, cancellationToken)
            ? [all]
            : (await db.Organizations.Where(row => !row.RequiresTwoFactor).Select(row => row.Id).ToListAsync(cancellationToken))
                .Select(open => all with { Organization = open });
    }

    private static async Task AddAccessAsync(
        OrchestratorDbContext db, List<Ground> grounds, List<Team> teams, CancellationToken cancellationToken)
    {
        if (teams.Count == 0)
        {
            return;
        }
        var byId = teams.ToDictionary(team => team.Id);
        TeamId[] ids = [.. byId.Keys];
        // No row gives a team anything outside its own organisation.
        var toProjects = await (
            from access in db.TeamProjectAccesses.AsNoTracking()
            where ids.Contains(access.TeamId)
            join team in db.Teams on access.TeamId equals team.Id
            join project in db.Projects on access.ProjectId equals project.Id
            where project.OrganizationId == team.OrganizationId
            select access).ToListAsync(cancellationToken);
        grounds.AddRange(toProjects.Select(access => new Ground(GroundKind.Project)
        {
            Team = byId[access.TeamId],
            Project = access.ProjectId,
            Level = EnumText.Of(access.Level),
            InProject = AccessRules.Of(access.Level, access.Custom, access.CustomWorkspaces),
        }));
        var direct = await (
            from access in db.TeamWorkspaceAccesses.AsNoTracking()
            where ids.Contains(access.TeamId)
            join team in db.Teams on access.TeamId equals team.Id
            join workspace in db.Workspaces on access.WorkspaceId equals workspace.Id
            where workspace.OrganizationId == team.OrganizationId
            select new { access, workspace.ProjectId }).ToListAsync(cancellationToken);
        grounds.AddRange(direct.Select(row => new Ground(GroundKind.Workspace)
        {
            Team = byId[row.access.TeamId],
            Workspace = row.access.WorkspaceId,
            Level = EnumText.Of(row.access.Level),
            InWorkspace = AccessRules.Of(row.access.Level, row.access.Custom),
            // Whoever sees a workspace sees which project it is in.
            Project = row.ProjectId,
            InProject = new ProjectRights(ProjectRight.Read, 0),
        }));
    }

    private sealed record Owner(OrganizationId Organization);
}
