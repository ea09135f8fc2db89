using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>What is absent stays as it is. Only the level <c>custom</c> has single rights that can be set.</summary>
public sealed record TeamWorkspaceRequest
{
    public string? Access { get; init; }

    public string? Runs { get; init; }

    public string? Variables { get; init; }

    public string? StateVersions { get; init; }

    public string? SentinelMocks { get; init; }

    public bool? WorkspaceLocking { get; init; }

    public bool? RunTasks { get; init; }

    /// <summary>Whether runs get cloud credentials that the team's members queue or confirm. Default: true.</summary>
    public bool? RunWithCredentials { get; init; }

    /// <exception cref="ApiProblem">A level does not exist, or has nothing that can be set.</exception>
    public void ApplyTo(TeamWorkspaceAccess access)
    {
        access.Level = AccessWords.Read("access", Access, access.Level);
        if (access.Level != WorkspaceAccessLevel.Custom && FirstSingle() is { } single)
        {
            var words = single.Replace('-', ' ');
            throw ApiProblem.Invalid(single, $"{char.ToUpperInvariant(words[0])}{words[1..]} is read-only when access level is "
                + $"'{EnumText.Of(access.Level)}'; use the 'custom' access level to set this attribute.");
        }
        access.Custom = new WorkspaceGrant
        {
            Runs = AccessWords.Read("runs", Runs, access.Custom.Runs),
            Variables = AccessWords.Read("variables", Variables, access.Custom.Variables),
            StateVersions = AccessWords.Read("state-versions", StateVersions, access.Custom.StateVersions),
            SentinelMocks = AccessWords.Read("sentinel-mocks", SentinelMocks, access.Custom.SentinelMocks),
            Locking = WorkspaceLocking ?? access.Custom.Locking,
            RunTasks = RunTasks ?? access.Custom.RunTasks,
            WithholdsCredentials = !(RunWithCredentials ?? !access.Custom.WithholdsCredentials),
        };
    }

    private string? FirstSingle() => this switch
    {
        { Runs: not null } => "runs",
        { Variables: not null } => "variables",
        { StateVersions: not null } => "state-versions",
        { SentinelMocks: not null } => "sentinel-mocks",
        { WorkspaceLocking: not null } => "workspace-locking",
        { RunTasks: not null } => "run-tasks",
        { RunWithCredentials: not null } => "run-with-credentials",
        _ => null,
    };
}

/// <summary>Which teams have access to a workspace. Everybody who sees it sees the teams that they see anyway.</summary>
internal static class TeamWorkspacesApi
{
    public static void MapTeamWorkspaces(this IEndpointRouteBuilder api)
    {
        api.MapGet("/team-workspaces", ListAsync)
            .NeedsAccount("the query names the workspace").WithSummary("List which teams have access to a workspace")
            .ReturnsPage<TeamWorkspaceResource>().Query("filter[workspace][id]", "The workspace; it must be named.");
        api.MapPost("/team-workspaces", CreateAsync)
            .NeedsAccount("the body names the workspace").WithSummary("Give a team access to a workspace")
            .Takes<TeamWorkspaceRequest>().Creates<TeamWorkspaceResource>();
        api.MapGet("/team-workspaces/{id}", async (string id, HttpContext context, OrchestratorDbContext db, TeamWorkspaceResource accesses) =>
            await accesses.ShowAsync(await FindAsync(id, context, db), context))
            .Needs(WorkspaceRight.ReadSettings).WithSummary("Show a team's access to a workspace").Returns<TeamWorkspaceResource>();
        api.MapPatch("/team-workspaces/{id}", UpdateAsync)
            .Needs(WorkspaceRight.ManageAccess).WithSummary("Change a team's access to a workspace")
            .Takes<TeamWorkspaceRequest>().Returns<TeamWorkspaceResource>();
        api.MapDelete("/team-workspaces/{id}", async (string id, HttpContext context, OrchestratorDbContext db, AccessCache access) =>
        {
            var found = await FindAsync(id, context, db);
            await db.TeamWorkspaceAccesses.Where(row => row.Id == found.Id).ExecuteDeleteAsync(context.RequestAborted);
            await access.ForgetAsync();
            return Results.NoContent();
        }).Needs(WorkspaceRight.ManageAccess).WithSummary("Take a team's access to a workspace").ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(HttpContext context, OrchestratorDbContext db, TeamWorkspaceResource accesses)
    {
        var workspace = context.Request.Filter("workspace", "id")
            ?? throw ApiProblem.BadRequest("'filter[workspace][id]' names the workspace.");
        var here = await db.StandBeforeAsync(workspace, context) ?? throw ApiProblem.NotFound();
        here.Require(WorkspaceRight.ReadSettings);
        var rows = await db.TeamWorkspaceAccesses.AsNoTracking()
            .Where(access => access.WorkspaceId == here.Scope.Workspace).OrderBy(access => access.Id).ToListAsync(context.RequestAborted);
        var seen = await db.SeenTeamsAsync(rows.Select(access => access.TeamId), here, context.RequestAborted);
        return await accesses.ShowAllAsync([.. rows.Where(access => seen.Contains(access.TeamId))], context);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, OrchestratorDbContext db, AccessCache cache, TeamWorkspaceResource accesses)
    {
        var body = await context.Request.ReadResourceAsync<TeamWorkspaceRequest>();
        var here = body.RelatedId("workspace") is { } id ? await db.StandBeforeAsync(id, context) : null;
        if (here is null || !here.May(WorkspaceRight.ManageAccess))
        {
            throw ApiProblem.InvalidRelationship("workspace", "Name a workspace whose access you may manage.");
        }
        var team = await db.TeamToGiveToAsync(body.RelatedId("team"), here, context.RequestAborted);
        var access = new TeamWorkspaceAccess
        {
            Id = Identifier.New<TeamWorkspaceAccessId>(),
            TeamId = team.Id,
            WorkspaceId = here.Scope.Workspace!.Value,
            Level = WorkspaceAccessLevel.Read,
        };
        if (body.Attributes!.Access is null)
        {
            throw ApiProblem.Invalid("access", "Name the level.");
        }
        body.Attributes.ApplyTo(access);
        db.TeamWorkspaceAccesses.Add(access);
        if (!await db.TrySaveAsync(context.RequestAborted))
        {
            throw ApiProblem.InvalidRelationship("team", "The team has access to the workspace already.");
        }
        await cache.ForgetAsync();
        return await accesses.ShowNewAsync(access, context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext context, OrchestratorDbContext db, AccessCache cache, TeamWorkspaceResource accesses)
    {
        await FindAsync(id, context, db);
        var access = await db.TeamWorkspaceAccesses.FirstAsync(row => row.Id == new TeamWorkspaceAccessId(id), context.RequestAborted);
        (await context.Request.ReadResourceAsync<TeamWorkspaceRequest>()).Attributes!.ApplyTo(access);
        await db.SaveChangesAsync(context.RequestAborted);
        await cache.ForgetAsync();
        return await accesses.ShowAsync(access, context);
    }

    /// <summary>Only of a team that the caller sees: who has access must not tell which secret teams there are.</summary>
    private static async Task<TeamWorkspaceAccess> FindAsync(string id, HttpContext context, OrchestratorDbContext db)
    {
        var found = await db.TeamWorkspaceAccesses.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Id == new TeamWorkspaceAccessId(id), context.RequestAborted) ?? throw ApiProblem.NotFound();
        var here = Admission.Of(context);
        return here.May(WorkspaceRight.ManageAccess) || (await db.SeenTeamsAsync([found.TeamId], here, context.RequestAborted)).Count > 0
            ? found
            : throw ApiProblem.NotFound();
    }
}
