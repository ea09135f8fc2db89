using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>What is absent stays as it is. Beside a fixed level the single ones are ignored.</summary>
public sealed record TeamProjectRequest
{
    public string? Access { get; init; }

    public ProjectAccessRequest? ProjectAccess { get; init; }

    public WorkspaceAccessRequest? WorkspaceAccess { get; init; }

    /// <exception cref="ApiProblem">A level does not exist.</exception>
    public void ApplyTo(TeamProjectAccess access)
    {
        access.Level = AccessWords.Read("access", Access, access.Level);
        if (ProjectAccess is { } project)
        {
            access.Custom = new ProjectGrant
            {
                Settings = AccessWords.Read("project-access/settings", project.Settings, access.Custom.Settings),
                Teams = AccessWords.Read("project-access/teams", project.Teams, access.Custom.Teams),
                VariableSets = AccessWords.Read("project-access/variable-sets", project.VariableSets, access.Custom.VariableSets),
            };
        }
        if (WorkspaceAccess is { } wanted)
        {
            var (now, each) = (access.CustomWorkspaces, access.CustomWorkspaces.Workspace);
            access.CustomWorkspaces = new ProjectWorkspacesGrant
            {
                Workspace = new WorkspaceGrant
                {
                    Runs = AccessWords.Read("workspace-access/runs", wanted.Runs, each.Runs),
                    Variables = AccessWords.Read("workspace-access/variables", wanted.Variables, each.Variables),
                    StateVersions = AccessWords.Read("workspace-access/state-versions", wanted.StateVersions, each.StateVersions),
                    SentinelMocks = AccessWords.Read("workspace-access/sentinel-mocks", wanted.SentinelMocks, each.SentinelMocks),
                    Locking = wanted.Locking ?? each.Locking,
                    RunTasks = wanted.RunTasks ?? each.RunTasks,
                    WithholdsCredentials = !(wanted.RunWithCredentials ?? !each.WithholdsCredentials),
                },
                Create = wanted.Create ?? now.Create,
                Move = wanted.Move ?? now.Move,
                Delete = wanted.Delete ?? now.Delete,
            };
        }
    }
}

public sealed record ProjectAccessRequest(string? Settings = null, string? Teams = null, string? VariableSets = null);

public sealed record WorkspaceAccessRequest(
    string? Runs = null, string? SentinelMocks = null, string? StateVersions = null, string? Variables = null, bool? Create = null,
    bool? Locking = null, bool? Move = null, bool? Delete = null, bool? RunTasks = null, bool? RunWithCredentials = null);

/// <summary>Which teams have access to a project.</summary>
internal static class TeamProjectsApi
{
    public static void MapTeamProjects(this IEndpointRouteBuilder api)
    {
        api.MapGet("/team-projects", ListAsync)
            .NeedsAccount("the query names the project").WithSummary("List which teams have access to a project")
            .ReturnsPage<TeamProjectResource>().Query("filter[project][id]", "The project; it must be named.");
        api.MapPost("/team-projects", CreateAsync)
            .NeedsAccount("the body names the project").WithSummary("Give a team access to a project")
            .Takes<TeamProjectRequest>().Creates<TeamProjectResource>();
        api.MapGet("/team-projects/{id}", async (string id, HttpContext context, OrchestratorDbContext db, TeamProjectResource accesses) =>
            await accesses.ShowAsync(await FindAsync(id, context, db), context))
            .Needs(ProjectRight.Read).WithSummary("Show a team's access to a project").Returns<TeamProjectResource>();
        api.MapPatch("/team-projects/{id}", UpdateAsync)
            .Needs(ProjectRight.ManageTeams).WithSummary("Change a team's access to a project")
            .Takes<TeamProjectRequest>().Returns<TeamProjectResource>();
        api.MapDelete("/team-projects/{id}", async (string id, HttpContext context, OrchestratorDbContext db, AccessCache cache) =>
        {
            var found = await FindAsync(id, context, db);
            await db.TeamProjectAccesses.Where(row => row.Id == found.Id).ExecuteDeleteAsync(context.RequestAborted);
            await cache.ForgetAsync();
            return Results.NoContent();
        }).Needs(ProjectRight.ManageTeams).WithSummary("Take a team's access to a project").ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(HttpContext context, OrchestratorDbContext db, TeamProjectResource accesses)
    {
        var project = context.Request.Filter("project", "id")
            ?? throw ApiProblem.BadRequest("'filter[project][id]' names the project.");
        var here = await db.StandBeforeProjectAsync(project, context) ?? throw ApiProblem.NotFound();
        here.Require(ProjectRight.Read);
        var rows = await db.TeamProjectAccesses.AsNoTracking()
            .Where(access => access.ProjectId == here.Scope.Project).OrderBy(access => access.Id).ToListAsync(context.RequestAborted);
        var seen = await db.SeenTeamsAsync(rows.Select(access => access.TeamId), here, context.RequestAborted);
        return await accesses.ShowAllAsync([.. rows.Where(access => Shows(here, access, seen))], context);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, OrchestratorDbContext db, AccessCache cache, TeamProjectResource accesses)
    {
        var body = await context.Request.ReadResourceAsync<TeamProjectRequest>();
        var here = body.RelatedId("project") is { } id ? await db.StandBeforeProjectAsync(id, context) : null;
        if (here is null || !here.May(ProjectRight.ManageTeams))
        {
            throw ApiProblem.InvalidRelationship("project", "Name a project whose teams you may manage.");
        }
        var team = await db.TeamToGiveToAsync(body.RelatedId("team"), here, context.RequestAborted);
        if (body.Attributes!.Access is null)
        {
            throw ApiProblem.Invalid("access", "Name the level.");
        }
        var access = new TeamProjectAccess
        {
            Id = Identifier.New<TeamProjectAccessId>(),
            TeamId = team.Id,
            ProjectId = here.Scope.Project!.Value,
            Level = ProjectAccessLevel.Read,
        };
        body.Attributes.ApplyTo(access);
        RequireToHave(access, here);
        db.TeamProjectAccesses.Add(access);
        if (!await db.TrySaveAsync(context.RequestAborted))
        {
            throw ApiProblem.InvalidRelationship("team", "The team has access to the project already.");
        }
        await cache.ForgetAsync();
        return await accesses.ShowNewAsync(access, context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext context, Admission here, OrchestratorDbContext db, AccessCache cache, TeamProjectResource accesses)
    {
        await FindAsync(id, context, db);
        var access = await db.TeamProjectAccesses.FirstAsync(row => row.Id == new TeamProjectAccessId(id), context.RequestAborted);
        (await context.Request.ReadResourceAsync<TeamProjectRequest>()).Attributes!.ApplyTo(access);
        RequireToHave(access, here);
        await db.SaveChangesAsync(context.RequestAborted);
        await cache.ForgetAsync();
        return await accesses.ShowAsync(access, context);
    }

    private static void RequireToHave(TeamProjectAccess access, Admission here)
    {
        if (!AccessRules.MayGive(access, here.Standing, here.Scope.Organization))
        {
            throw ApiProblem.Invalid("access", "You may not give rights that you do not have.");
        }
    }

    private static async Task<TeamProjectAccess> FindAsync(string id, HttpContext context, OrchestratorDbContext db)
    {
        var found = await db.TeamProjectAccesses.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Id == new TeamProjectAccessId(id), context.RequestAborted) ?? throw ApiProblem.NotFound();
        var here = Admission.Of(context);
        return Shows(here, found, await db.SeenTeamsAsync([found.TeamId], here, context.RequestAborted)) ? found : throw ApiProblem.NotFound();
    }

    /// <summary>A team's access is shown to whoever reads the project's teams, and else beside a team that one sees.</summary>
    private static bool Shows(Admission here, TeamProjectAccess access, HashSet<TeamId> seen) =>
        here.May(ProjectRight.ReadTeams) || seen.Contains(access.TeamId);
}
