using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="AgentCount">Those that give signs of life.</param>
/// <param name="MaxConcurrentRuns">Phases that they carry out at once; null where only their slots limit them.</param>
public sealed record AgentPoolAttributes(string Name, bool OrganizationScoped, int AgentCount, int? MaxConcurrentRuns, DateTimeOffset CreatedAt);

/// <summary>A pool with what its document also names.</summary>
public sealed record AgentPoolView(AgentPool Pool, string Organization)
{
    public int Agents { get; set; }

    /// <summary>Those that have chosen it themselves.</summary>
    public IReadOnlyList<WorkspaceId> Workspaces { get; set; } = [];

    public IReadOnlyList<WorkspaceId> AllowedWorkspaces { get; set; } = [];

    public IReadOnlyList<WorkspaceId> ExcludedWorkspaces { get; set; } = [];

    public IReadOnlyList<ProjectId> AllowedProjects { get; set; } = [];
}

internal sealed class AgentPoolResource(TimeProvider clock) : ResourceType<AgentPoolView, AgentPoolAttributes>(Type)
{
    public const string Type = "agent-pools";

    protected override IReadOnlyList<Relation<AgentPoolView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization),
        Many("workspaces", WorkspaceResource.Type, view => view.Workspaces.Select(id => id.Value)).Includable(),
        Many("allowed-workspaces", WorkspaceResource.Type, view => view.AllowedWorkspaces.Select(id => id.Value)).Includable(),
        Many("excluded-workspaces", WorkspaceResource.Type, view => view.ExcludedWorkspaces.Select(id => id.Value)).Includable(),
        Many("allowed-projects", ProjectResource.Type, view => view.AllowedProjects.Select(id => id.Value)).Includable(),
        Linked("agents", view => $"{ApiRoutes.Root}/agent-pools/{view.Pool.Id}/agents"),
    ];

    protected override string IdOf(AgentPoolView row) => row.Pool.Id.Value;

    protected override IQueryable<AgentPoolView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new AgentPoolId(id)).ToArray();
        return View(db.AgentPools.Where(pool => wanted.Contains(pool.Id)), db);
    }

    protected override AgentPoolAttributes Show(AgentPoolView row, HttpContext context) =>
        new(row.Pool.Name, row.Pool.OrganizationScoped, row.Agents, row.Pool.MaxConcurrentRuns, row.Pool.CreatedAt);

    protected override async Task GatherAsync(IReadOnlyList<AgentPoolView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var ids = rows.Select(row => row.Pool.Id).ToArray();
        var alive = clock.GetUtcNow() - AgentStatuses.Silence;
        var agents = await db.Agents
            .Where(agent => ids.Contains(agent.PoolId) && agent.ExitedAt == null && agent.LastPingAt >= alive)
            .GroupBy(agent => agent.PoolId)
            .Select(pool => new { pool.Key, Count = pool.Count() })
            .ToDictionaryAsync(pool => pool.Key, pool => pool.Count, context.RequestAborted);
        var workspaces = (await db.Workspaces.Where(row => row.AgentPoolId != null && ids.Contains(row.AgentPoolId.Value))
            .OrderBy(row => row.Name).Select(row => new { row.AgentPoolId, row.Id }).ToListAsync(context.RequestAborted)).ToLookup(row => row.AgentPoolId);
        var named = (await db.AgentPoolWorkspaces.AsNoTracking().Where(row => ids.Contains(row.PoolId)).ToListAsync(context.RequestAborted))
            .ToLookup(row => (row.PoolId, row.Excluded), row => row.WorkspaceId);
        var projects = (await db.AgentPoolProjects.AsNoTracking().Where(row => ids.Contains(row.PoolId)).ToListAsync(context.RequestAborted))
            .ToLookup(row => row.PoolId, row => row.ProjectId);
        foreach (var row in rows)
        {
            row.Agents = agents.GetValueOrDefault(row.Pool.Id);
            row.Workspaces = [.. workspaces[row.Pool.Id].Select(workspace => workspace.Id)];
            row.AllowedWorkspaces = [.. named[(row.Pool.Id, false)]];
            row.ExcludedWorkspaces = [.. named[(row.Pool.Id, true)]];
            row.AllowedProjects = [.. projects[row.Pool.Id]];
        }
    }

    public static IQueryable<AgentPoolView> View(IQueryable<AgentPool> pools, OrchestratorDbContext db) =>
        from pool in pools
        join organization in db.Organizations on pool.OrganizationId equals organization.Id
        select new AgentPoolView(pool, organization.Name);
}
