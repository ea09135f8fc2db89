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
        api.MapDelete("/teams/{id}", async (Admission admission, OrchestratorDbContext db, AccessCache access, CancellationToken cancellationToken) =>
        {
            await db.Teams.Where(team => team.Id == admission.Scope.Team!.Id && team.Name != Team.Owners).ExecuteDeleteAsync(cancellationToken);
            await access.ForgetAsync();
            return Results.NoContent();
        }).Needs(TeamRight.Delete).WithSummary("Delete a team, with its tokens and its access").ReturnsNothing();
        MapMembers(api, "users");
        MapMembers(api, "organization-memberships");
    }

    private static void MapMembers(IEndpointRouteBuilder api, string kind)
    {
        var path = $"/teams/{{id}}/relationships/{kind}";
        api.MapPost(path, (HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache access) =>
            AddMembersAsync(kind, context, admission, db, access))
            .Needs(TeamRight.ManageMembers).WithSummary($"Add {kind} to a team").TakesIdentifiers().ReturnsNothing();
        api.MapDelete(path, (HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache access) =>
            RemoveMembersAsync(kind, context, admission, db, access))
            .Needs(TeamRight.ManageMembers).WithSummary($"Remove {kind} from a team").TakesIdentifiers().ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(HttpContext context, Admission admission, OrchestratorDbContext db, TeamResource resources)
    {
        var teams = db.Teams.AsNoTracking().Where(team => team.OrganizationId == admission.Scope.Organization);
        if (!admission.May(OrganizationRight.SeeSecretTeams))
        {
            TeamId[] own = [.. admission.Standing.Teams];
            teams = teams.Where(team => team.Visibility == TeamVisibility.Organization || own.Contains(team.Id));
        }
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
        HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache access, TimeProvider clock, TeamResource teams)
    {
        var wanted = (await context.Request.ReadResourceAsync<TeamRequest>()).Attributes!;
        var team = new Team
        {
            Id = Identifier.New<TeamId>(),
            OrganizationId = admission.Scope.Organization,
            Name = ReadName(wanted.Name),
            CreatedAt = clock.GetUtcNow(),
        };
        Apply(wanted, team, admission, admission.OrganizationRights.HasFlag(OrganizationRight.ManageOrganizationAccess));
        db.Teams.Add(team);
        await db.SaveNewAsync("name", context.RequestAborted);
        await access.ForgetAsync();
        return await teams.ShowNewAsync(await TeamResource.View(db.Teams.Where(row => row.Id == team.Id), db).FirstAsync(context.RequestAborted), context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache access, TeamResource teams)
    {
        var wanted = (await context.Request.ReadResourceAsync<TeamRequest>()).Attributes!;
        var team = await db.Teams.FirstOrDefaultAsync(row => row.Id == admission.Scope.Team!.Id, context.RequestAborted) ?? throw ApiProblem.NotFound();
        if ((wanted.Name is not null && wanted.Name != team.Name) || wanted.Visibility is not null || wanted.AllowMemberTokenManagement is not null
            || wanted.SsoTeamId.IsSet)
        {
            Require(admission.May(TeamRight.Update));
        }
        // Whoever names the company's group fills the team.
        Require(!wanted.SsoTeamId.IsSet || wanted.SsoTeamId.Value is null || admission.May(TeamRight.ManageMembers));
        team.Name = wanted.Name is { } name && name != team.Name ? ReadName(name) : team.Name;
        Apply(wanted, team, admission, admission.May(TeamRight.ManageOrganizationAccess));
        await db.SaveNewAsync("name", context.RequestAborted);
        await access.ForgetAsync();
        return await teams.ShowAsync(id, context);
    }

    private static void Apply(TeamRequest wanted, Team team, Admission admission, bool mayGiveRights)
    {
        team.Visibility = wanted.Visibility is not { } text ? team.Visibility
            : EnumText.TryParse<TeamVisibility>(text, out var visibility) ? visibility
            : throw ApiProblem.Invalid("visibility", "The visibility is 'secret' or 'organization'.");
        team.AllowMemberTokenManagement = wanted.AllowMemberTokenManagement ?? team.AllowMemberTokenManagement;
        if (wanted.SsoTeamId.IsSet)
        {
            team.SsoTeamId = wanted.SsoTeamId.Value is not { Length: > Team.MaxSsoIdLength }
                ? wanted.SsoTeamId.Value
                : throw ApiProblem.Invalid("sso-team-id", $"The id has {Team.MaxSsoIdLength} characters at most.");
        }
        var access = wanted.OrganizationAccess?.ApplyTo(team.OrganizationAccess) ?? team.OrganizationAccess;
        if (access != team.OrganizationAccess)
        {
            // Nobody gives what they do not have.
            if (!mayGiveRights || !admission.Standing.Across(admission.Scope.Organization).Includes(AccessRules.Of(access)))
            {
                throw ApiProblem.Invalid("organization-access", "You may not give these rights.");
            }
            team.OrganizationAccess = access;
        }
    }

    private static string ReadName(string? name) =>
        !Names.IsTeam(name) ? throw ApiProblem.Invalid("name", $"A name has 1 to {Names.MaxTeamLength} letters, digits, spaces, '-' and '_', and no space at its ends.")
        : name!.Equals(Team.Owners, StringComparison.OrdinalIgnoreCase) ? throw ApiProblem.Invalid("name", "Name has already been taken")
        : name;

    private static async Task<IResult> AddMembersAsync(
        string kind, HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache access)
    {
        var team = admission.Scope.Team!.Id;
        var memberships = await FindMembersAsync(kind, context, admission, db);
        var known = await db.TeamMembers.Where(member => member.TeamId == team).Select(member => member.MembershipId).ToListAsync(context.RequestAborted);
        db.TeamMembers.AddRange(memberships.Except(known).Select(membership => new TeamMember { TeamId = team, MembershipId = membership }));
        await db.TrySaveAsync(context.RequestAborted);
        await access.ForgetAsync();
        return Results.NoContent();
    }

    private static async Task<IResult> RemoveMembersAsync(
        string kind, HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache access)
    {
        var team = admission.Scope.Team!;
        var memberships = await FindMembersAsync(kind, context, admission, db);
        await using (var transaction = await db.Database.BeginTransactionAsync(context.RequestAborted))
        {
            await db.TeamMembers.Where(member => member.TeamId == team.Id && memberships.Contains(member.MembershipId)).ExecuteDeleteAsync(context.RequestAborted);
            if (team.IsOwners && !await db.HasOwnerAsync(team.OrganizationId, context.RequestAborted))
            {
                throw MembershipsApi.LastOwner();
            }
            await transaction.CommitAsync(context.RequestAborted);
        }
        await access.ForgetAsync();
        return Results.NoContent();
    }

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

    private static void Require(bool allowed)
    {
        if (!allowed)
        {
            throw ApiProblem.NotFound();
        }
    }
}
