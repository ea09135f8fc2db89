using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record TeamRequest
{
    public string? Name { get; init; }

    public string? Visibility { get; init; }

    public Optional<string?> SsoTeamId { get; init; }

    public bool? AllowMemberTokenManagement { get; init; }

    public OrganizationAccessRequest? OrganizationAccess { get; init; }

    internal TeamEdit EditOf(TeamOrganizationAccess now) => new()
    {
        Name = Name,
        Visibility = Visibility,
        SsoTeamId = SsoTeamId.IsSet ? SsoTeamId.Value ?? "" : null,
        AllowMemberTokenManagement = AllowMemberTokenManagement,
        OrganizationAccess = OrganizationAccess?.ApplyTo(now),
    };
}

/// <summary>What is absent stays as it is.</summary>
public sealed record OrganizationAccessRequest(
    bool? ManagePolicies = null, bool? ManagePolicyOverrides = null, bool? ManageWorkspaces = null, bool? ManageVcsSettings = null,
    bool? ManageProviders = null, bool? ManageModules = null, bool? ManageRunTasks = null, bool? ManageProjects = null,
    bool? ReadWorkspaces = null, bool? ReadProjects = null, bool? ManageMembership = null, bool? ManageTeams = null,
    bool? ManageOrganizationAccess = null, bool? AccessSecretTeams = null, bool? ManageAgentPools = null)
{
    public TeamOrganizationAccess ApplyTo(TeamOrganizationAccess now) => new()
    {
        ManagePolicies = ManagePolicies ?? now.ManagePolicies,
        ManagePolicyOverrides = ManagePolicyOverrides ?? now.ManagePolicyOverrides,
        ManageWorkspaces = ManageWorkspaces ?? now.ManageWorkspaces,
        ManageVcsSettings = ManageVcsSettings ?? now.ManageVcsSettings,
        ManageProviders = ManageProviders ?? now.ManageProviders,
        ManageModules = ManageModules ?? now.ManageModules,
        ManageRunTasks = ManageRunTasks ?? now.ManageRunTasks,
        ManageProjects = ManageProjects ?? now.ManageProjects,
        ReadWorkspaces = ReadWorkspaces ?? now.ReadWorkspaces,
        ReadProjects = ReadProjects ?? now.ReadProjects,
        ManageMembership = ManageMembership ?? now.ManageMembership,
        ManageTeams = ManageTeams ?? now.ManageTeams,
        ManageOrganizationAccess = ManageOrganizationAccess ?? now.ManageOrganizationAccess,
        AccessSecretTeams = AccessSecretTeams ?? now.AccessSecretTeams,
        ManageAgentPools = ManageAgentPools ?? now.ManageAgentPools,
    };
}

internal static class TeamsApi
{
    public static void MapTeams(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/teams", ListAsync)
            .Needs(OrganizationRight.Read).WithSummary("List the teams of an organisation").ReturnsPage<TeamResource>()
            .Query("q", "Part of a name.").Query("filter[names]", "Whole names, with commas.");
        api.MapPost("/organizations/{organization}/teams", CreateAsync)
            .Needs(OrganizationRight.ManageTeams).WithSummary("Create a team").Takes<TeamRequest>().Creates<TeamResource>();
        api.MapGet("/teams/{id}", (string id, HttpContext context, TeamResource teams) => teams.ShowAsync(id, context))
            .Needs(TeamRight.See).WithSummary("Show a team").Returns<TeamResource>();
        api.MapPatch("/teams/{id}", UpdateAsync)
            .Needs(TeamRight.See).WithSummary("Change a team").Takes<TeamRequest>().Returns<TeamResource>();
        api.MapDelete("/teams/{id}", async (Admission admission, TeamSettings teams, CancellationToken cancellationToken) =>
        {
            await teams.RemoveAsync(admission.Scope.Team!.Id, cancellationToken);
            return Results.NoContent();
        }).Needs(TeamRight.Delete).WithSummary("Delete a team, with its tokens and its access").ReturnsNothing();
        MapMembers(api, "users");
        MapMembers(api, "organization-memberships");
    }

    private static void MapMembers(IEndpointRouteBuilder api, string kind)
    {
        var path = $"/teams/{{id}}/relationships/{kind}";
        api.MapPost(path, (HttpContext context, Admission admission, OrchestratorDbContext db, TeamSettings teams) =>
            AddMembersAsync(kind, context, admission, db, teams))
            .Needs(TeamRight.ManageMembers).WithSummary($"Add {kind} to a team").TakesIdentifiers().ReturnsNothing();
        api.MapDelete(path, (HttpContext context, Admission admission, OrchestratorDbContext db, TeamSettings teams) =>
            RemoveMembersAsync(kind, context, admission, db, teams))
            .Needs(TeamRight.ManageMembers).WithSummary($"Remove {kind} from a team").TakesIdentifiers().ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(HttpContext context, Admission admission, OrchestratorDbContext db, TeamResource resources)
    {
        var teams = db.Teams.AsNoTracking().Where(team => team.OrganizationId == admission.Scope.Organization).SeenBy(admission);
        if (context.Request.FilterList("names") is { Count: > 0 } names)
        {
            teams = teams.Where(team => names.Contains(team.Name));
        }
        if (context.Request.Query() is { } text)
        {
            teams = teams.Where(team => team.Name.Contains(text));
        }
        return await resources.ShowPageAsync(TeamResource.View(teams.OrderBy(team => team.Name), db), context);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, Admission admission, OrchestratorDbContext db, TeamSettings editor, TeamResource teams)
    {
        var wanted = (await context.Request.ReadResourceAsync<TeamRequest>()).Attributes!;
        var team = Require(await editor.CreateAsync(
            admission.Scope.Organization, wanted.EditOf(new TeamOrganizationAccess()), admission.Standing, context.RequestAborted));
        return await teams.ShowNewAsync(await TeamResource.View(db.Teams.Where(row => row.Id == team.Id), db).FirstAsync(context.RequestAborted), context);
    }

    private static async Task<IResult> UpdateAsync(string id, HttpContext context, Admission admission, TeamSettings editor, TeamResource teams)
    {
        var wanted = (await context.Request.ReadResourceAsync<TeamRequest>()).Attributes!;
        var team = admission.Scope.Team!;
        Require(await editor.UpdateAsync(
            team.Id, wanted.EditOf(team.OrganizationAccess), admission.Standing, admission.Caller.Principal.Kind == PrincipalKind.User, context.RequestAborted));
        return await teams.ShowAsync(id, context);
    }

    private static async Task<IResult> AddMembersAsync(string kind, HttpContext context, Admission admission, OrchestratorDbContext db, TeamSettings teams)
    {
        await teams.AddMembersAsync(admission.Scope.Team!.Id, await FindMembersAsync(kind, context, admission, db), context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> RemoveMembersAsync(string kind, HttpContext context, Admission admission, OrchestratorDbContext db, TeamSettings teams) =>
        await teams.RemoveMembersAsync(admission.Scope.Team!, await FindMembersAsync(kind, context, admission, db), context.RequestAborted)
            ? Results.NoContent()
            : throw MembershipsApi.Forbidden(TeamSettings.LastOwner);

    /// <summary>Members of the team's organisation, by the ids of their memberships, by username or by the user's id.</summary>
    private static async Task<IReadOnlyList<OrganizationMembershipId>> FindMembersAsync(
        string kind, HttpContext context, Admission admission, OrchestratorDbContext db)
    {
        var ids = await context.Request.ReadIdsAsync();
        var here = db.OrganizationMemberships.Where(membership => membership.OrganizationId == admission.Scope.Organization);
        List<OrganizationMembershipId> found;
        if (kind == "users")
        {
            var people = ids.Select(id => new UserId(id)).ToArray();
            var names = ids.Select(User.KeyOf).ToArray();
            found = await here.Where(membership => db.Users.Any(user => user.Id == membership.UserId
                && (people.Contains(user.Id) || names.Contains(user.UsernameKey)))).Select(membership => membership.Id).ToListAsync(context.RequestAborted);
        }
        else
        {
            var wanted = ids.Select(id => new OrganizationMembershipId(id)).ToArray();
            found = await here.Where(membership => wanted.Contains(membership.Id)).Select(membership => membership.Id).ToListAsync(context.RequestAborted);
        }
        return found.Count >= ids.Distinct(StringComparer.OrdinalIgnoreCase).Count()
            ? found
            : throw new ApiProblem(StatusCodes.Status422UnprocessableEntity, "invalid member", "Not all of them are members of the organization.", "/data");
    }

    private static Team Require(TeamResult result) => result switch
    {
        { Team: { } team } => team,
        { Refusal: { } refusal } => throw ApiProblem.Invalid(result.Field!, refusal),
        _ => throw ApiProblem.NotFound(),
    };
}
