using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record AgentPoolRequest
{
    public string? Name { get; init; }

    public bool? OrganizationScoped { get; init; }

    /// <summary>Null: no limit.</summary>
    public Optional<int?> MaxConcurrentRuns { get; init; }

    /// <exception cref="ApiProblem">A member has no id.</exception>
    public static AgentPoolEdit EditOf(RequestResource<AgentPoolRequest> body) => new(body.Attributes!.Name, body.Attributes.OrganizationScoped)
    {
        MaxConcurrentRuns = body.Attributes.MaxConcurrentRuns is { IsSet: true } limit ? limit.Value ?? 0 : null,
        AllowedWorkspaces = IdsOf(body, "allowed-workspaces", id => new WorkspaceId(id)),
        ExcludedWorkspaces = IdsOf(body, "excluded-workspaces", id => new WorkspaceId(id)),
        AllowedProjects = IdsOf(body, "allowed-projects", id => new ProjectId(id)),
    };

    private static T[]? IdsOf<T>(RequestResource<AgentPoolRequest> body, string name, Func<string, T> id) => body.RelatedItems<NoAttributes>(name) is { } items
        ? [.. items.Select(item => id(item.Id ?? throw ApiProblem.InvalidRelationship(name, "A member has no id."))).Distinct()]
        : null;
}

internal static class AgentPoolsApi
{
    private static readonly SortKeys<AgentPool> Sort = new SortKeys<AgentPool>("name")
        .ByUnique("name", pool => pool.Name)
        .By("created-at", pool => pool.CreatedAt)
        .Last(pool => pool.Id);

    public static void MapAgentPools(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/agent-pools", ListAsync).Needs(OrganizationRight.Read)
            .WithSummary("List an organisation's agent pools").ReturnsPage<AgentPoolResource>().SortedBy(Sort)
            .Query("q", "Part of a name.").Query("filter[allowed_workspaces][name]", "A workspace that may use them.")
            .Query("filter[allowed_projects][name]", "A project whose workspaces may use them.");
        api.MapPost("/organizations/{organization}/agent-pools", CreateAsync).Needs(OrganizationRight.ManageAgentPools)
            .WithSummary("Create an agent pool").Takes<AgentPoolRequest>().Creates<AgentPoolResource>();
        api.MapGet("/agent-pools/{id}", (string id, HttpContext context, OrchestratorDbContext db, AgentPoolResource pools) =>
            ShowAsync(id, context, db, pools))
            .Needs(OrganizationRight.Read).WithSummary("Show an agent pool").Returns<AgentPoolResource>();
        api.MapPatch("/agent-pools/{id}", UpdateAsync).Needs(OrganizationRight.ManageAgentPools)
            .WithSummary("Change an agent pool").Takes<AgentPoolRequest>().Returns<AgentPoolResource>();
        api.MapDelete("/agent-pools/{id}", DeleteAsync).Needs(OrganizationRight.ManageAgentPools)
            .WithSummary("Delete an agent pool that nothing uses").ReturnsNothing();
        api.MapGet("/agent-pools/{id}/agents", ListAgentsAsync).Needs(OrganizationRight.Read)
            .WithSummary("List the workers of an agent pool").ReturnsPage<AgentResource>()
            .Query("filter[last-ping-since]", "Only those that have given a sign of life since then.");
        api.MapGet("/agents/{id}", async (string id, HttpContext context, OrchestratorDbContext db, AgentResource agents) => await agents.ShowAsync(
            await AgentResource.View(db.Agents.AsNoTracking().Where(agent => agent.Id == new AgentId(id)), db).FirstOrDefaultAsync(context.RequestAborted), context))
            .Needs(OrganizationRight.Read).WithSummary("Show a worker of an agent pool").Returns<AgentResource>();
        api.MapDelete("/agents/{id}", DeleteAgentAsync).Needs(OrganizationRight.ManageAgentPools)
            .WithSummary("Forget a worker that does not live any more").ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(
        string organization, HttpContext context, OrchestratorDbContext db, AgentPoolResource resources, CancellationToken cancellationToken)
    {
        var owner = await db.OrganizationAsync(organization, cancellationToken);
        var pools = db.AgentPools.AsNoTracking().Where(pool => pool.OrganizationId == owner.Id)
            .Containing(context.Request.Query(), pool => pool.Name);
        if ((context.Request.Filter("allowed_workspaces", "name") ?? context.Request.Filter("allowed-workspaces", "name")) is { } workspace)
        {
            var place = await db.Workspaces.Where(row => row.OrganizationId == owner.Id && row.Name == workspace)
                .Select(row => new { row.Id, row.ProjectId }).FirstOrDefaultAsync(cancellationToken);
            var open = place is null ? [] : await db.AgentPoolsFor(owner.Id, place.ProjectId, place.Id).Select(pool => pool.Id).ToListAsync(cancellationToken);
            pools = pools.Where(pool => open.Contains(pool.Id));
        }
        if ((context.Request.Filter("allowed_projects", "name") ?? context.Request.Filter("allowed-projects", "name")) is { } name)
        {
            var project = await db.Projects.Where(row => row.OrganizationId == owner.Id && row.Name == name)
                .Select(row => (ProjectId?)row.Id).FirstOrDefaultAsync(cancellationToken);
            var open = project is null ? [] : await db.AgentPoolsFor(owner.Id, project.Value, workspace: null).Select(pool => pool.Id).ToListAsync(cancellationToken);
            pools = pools.Where(pool => open.Contains(pool.Id));
        }
        return await resources.ShowPageAsync(Sort.Sort(pools, context.Request), rows => AgentPoolResource.View(rows, db), context);
    }

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, AgentPoolSettings settings, AgentPoolResource pools)
    {
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        var created = Require(await settings.CreateAsync(
            owner.Id, AgentPoolRequest.EditOf(await context.Request.ReadResourceAsync<AgentPoolRequest>()), context.RequestAborted));
        return await pools.ShowNewAsync(new AgentPoolView(created, owner.Name), context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext context, OrchestratorDbContext db, AgentPoolSettings settings, AgentPoolResource pools)
    {
        Require(await settings.UpdateAsync(
            new AgentPoolId(id), AgentPoolRequest.EditOf(await context.Request.ReadResourceAsync<AgentPoolRequest>()), context.RequestAborted));
        return await ShowAsync(id, context, db, pools);
    }

    private static async Task<IResult> ShowAsync(string id, HttpContext context, OrchestratorDbContext db, AgentPoolResource pools) => await pools.ShowAsync(
        await AgentPoolResource.View(db.AgentPools.AsNoTracking().Where(pool => pool.Id == new AgentPoolId(id)), db).FirstOrDefaultAsync(context.RequestAborted), context);

    private static async Task<IResult> DeleteAsync(string id, OrchestratorDbContext db, AgentPoolSettings settings, CancellationToken cancellationToken)
    {
        var pool = await PoolAsync(db, id, cancellationToken);
        return await settings.RemoveAsync(pool, cancellationToken) is { } refusal ? throw ApiProblem.Conflict(refusal) : Results.NoContent();
    }

    private static async Task<IResult> ListAgentsAsync(
        string id, HttpContext context, OrchestratorDbContext db, AgentResource resources, CancellationToken cancellationToken)
    {
        var pool = await PoolAsync(db, id, cancellationToken);
        var agents = db.Agents.AsNoTracking().Where(agent => agent.PoolId == pool);
        if ((context.Request.Filter("last-ping-since") ?? context.Request.Filter("last_ping_since")) is { } since)
        {
            var instant = DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
                ? parsed
                : throw ApiProblem.BadRequest("'filter[last-ping-since]' is a time such as 2026-03-01T12:00:00Z.");
            agents = agents.Where(agent => agent.LastPingAt >= instant);
        }
        return await resources.ShowPageAsync(AgentResource.View(agents.OrderByDescending(agent => agent.LastPingAt).ThenBy(agent => agent.Id), db), context);
    }

    private static async Task<IResult> DeleteAgentAsync(
        string id, OrchestratorDbContext db, AgentResource agents, CancellationToken cancellationToken)
    {
        var view = await AgentResource.View(db.Agents.AsNoTracking().Where(agent => agent.Id == new AgentId(id)), db).FirstOrDefaultAsync(cancellationToken)
            ?? throw ApiProblem.NotFound();
        if (agents.StatusOf(view) is AgentStatus.Idle or AgentStatus.Busy)
        {
            throw new ApiProblem(StatusCodes.Status412PreconditionFailed, "precondition failed", "The agent is alive. Stop its process first.");
        }
        await db.Agents.Where(agent => agent.Id == view.Agent.Id).ExecuteDeleteAsync(cancellationToken);
        return Results.NoContent();
    }

    private static async Task<AgentPoolId> PoolAsync(OrchestratorDbContext db, string id, CancellationToken cancellationToken) =>
        await db.AgentPools.AnyAsync(pool => pool.Id == new AgentPoolId(id), cancellationToken) ? new AgentPoolId(id) : throw ApiProblem.NotFound();

    private static AgentPool Require(AgentPoolResult result) => result switch
    {
        { Pool: { } pool } => pool,
        { Refusal: { IsRelationship: true } refusal } => throw ApiProblem.InvalidRelationship(refusal.Field, refusal.Reason),
        { Refusal: { } refusal } => throw ApiProblem.Invalid(refusal.Field, refusal.Reason),
        _ => throw ApiProblem.NotFound(),
    };
}
