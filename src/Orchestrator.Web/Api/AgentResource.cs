using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record AgentAttributes(string Name, string? IpAddress, string Status, DateTimeOffset LastPingAt);

/// <summary>An agent and whether it has claimed a run.</summary>
public sealed record AgentView(Agent Agent, bool IsBusy);

internal sealed class AgentResource(TimeProvider clock) : ResourceType<AgentView, AgentAttributes>(Type)
{
    public const string Type = "agents";

    protected override IReadOnlyList<Relation<AgentView>> Relations { get; } =
    [
        One("agent-pool", AgentPoolResource.Type, view => view.Agent.PoolId.Value).Includable(),
    ];

    protected override string IdOf(AgentView row) => row.Agent.Id.Value;

    protected override IQueryable<AgentView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new AgentId(id)).ToArray();
        return View(db.Agents.Where(agent => wanted.Contains(agent.Id)), db);
    }

    protected override AgentAttributes Show(AgentView row, HttpContext context) => new(
        row.Agent.Name, row.Agent.IpAddress, EnumText.Of(StatusOf(row)), row.Agent.LastPingAt);

    public AgentStatus StatusOf(AgentView row) => row.Agent.StatusAt(clock.GetUtcNow(), row.IsBusy);

    public static IQueryable<AgentView> View(IQueryable<Agent> agents, OrchestratorDbContext db) => agents.Select(agent => new AgentView(
        agent, db.Runs.Any(run => run.ClaimedBy == agent.Worker && RunMoves.Claimed.Contains(run.Status) && run.AgentPoolId == agent.PoolId)));
}
