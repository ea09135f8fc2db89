using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record TeamAttributes(
    string Name, string Visibility, int UsersCount, string? SsoTeamId, bool AllowMemberTokenManagement, TeamOrganizationAccess OrganizationAccess,
    TeamPermissions Permissions);

public sealed record TeamPermissions(
    bool CanUpdateMembership, bool CanDestroy, bool CanUpdateOrganizationAccess, bool CanUpdateApiToken, bool CanUpdateVisibility);

/// <summary>A team with what its document also names.</summary>
public sealed record TeamView
{
    public required Team Team { get; init; }

    public required string Organization { get; init; }

    public int UsersCount { get; init; }
}

internal sealed class TeamResource() : ResourceType<TeamView, TeamAttributes>(Type)
{
    public const string Type = "teams";

    private static readonly TeamOrganizationAccess Everything = new()
    {
        ManagePolicies = true,
        ManagePolicyOverrides = true,
        ManageWorkspaces = true,
        ManageVcsSettings = true,
        ManageProviders = true,
        ManageModules = true,
        ManageRunTasks = true,
        ManageProjects = true,
        ReadWorkspaces = true,
        ReadProjects = true,
        ManageMembership = true,
        ManageTeams = true,
        ManageOrganizationAccess = true,
        AccessSecretTeams = true,
        ManageAgentPools = true,
    };

    protected override IReadOnlyList<Relation<TeamView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization),
        Found("users", People.Type, UsersOfAsync),
        Found("organization-memberships", MembershipResource.Type, MembershipsOfAsync),
    ];

    protected override string IdOf(TeamView row) => row.Team.Id.Value;

    protected override IQueryable<TeamView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new TeamId(id)).ToArray();
        return View(db.Teams.Where(team => wanted.Contains(team.Id)), db);
    }

    protected override TeamAttributes Show(TeamView row, HttpContext context)
    {
        var (team, rights) = (row.Team, Admission.Of(context).Of(row.Team));
        return new TeamAttributes(
            team.Name, EnumText.Of(team.Visibility), row.UsersCount, team.SsoTeamId, team.AllowMemberTokenManagement,
            team.IsOwners ? Everything : team.OrganizationAccess,
            new TeamPermissions(
                rights.HasFlag(TeamRight.ManageMembers), rights.HasFlag(TeamRight.Delete), rights.HasFlag(TeamRight.ManageOrganizationAccess),
                rights.HasFlag(TeamRight.ManageTokens), rights.HasFlag(TeamRight.Update)));
    }

    public static IQueryable<TeamView> View(IQueryable<Team> teams, OrchestratorDbContext db) =>
        from team in teams
        join organization in db.Organizations on team.OrganizationId equals organization.Id
        select new TeamView
        {
            Team = team,
            Organization = organization.Name,
            UsersCount = db.TeamMembers.Count(member => member.TeamId == team.Id),
        };

    private static async Task<ILookup<string, string>> MembershipsOfAsync(
        OrchestratorDbContext db, IReadOnlyList<string> teams, CancellationToken cancellationToken)
    {
        var wanted = teams.Select(id => new TeamId(id)).ToArray();
        var found = await db.TeamMembers.Where(member => wanted.Contains(member.TeamId)).ToListAsync(cancellationToken);
        return found.ToLookup(member => member.TeamId.Value, member => member.MembershipId.Value);
    }

    private static async Task<ILookup<string, string>> UsersOfAsync(
        OrchestratorDbContext db, IReadOnlyList<string> teams, CancellationToken cancellationToken)
    {
        var wanted = teams.Select(id => new TeamId(id)).ToArray();
        var found = await (
            from member in db.TeamMembers
            join membership in db.OrganizationMemberships on member.MembershipId equals membership.Id
            where wanted.Contains(member.TeamId) && membership.UserId != null
            select new { member.TeamId, UserId = membership.UserId!.Value }).ToListAsync(cancellationToken);
        return found.ToLookup(pair => pair.TeamId.Value, pair => pair.UserId.Value);
    }
}
