using System.Text.Json.Serialization;
using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Web.Api;

/// <summary>A plan or an apply with what its document also names.</summary>
public sealed record PhaseView<TPhase> where TPhase : PhaseRecord
{
    public required TPhase Phase { get; init; }

    public required AgentPoolId? PoolId { get; init; }

    public required string? PoolName { get; init; }

    /// <summary>Null also when the agent is forgotten.</summary>
    public required AgentId? AgentId { get; init; }

    public required string? AgentName { get; init; }

    /// <summary>The ids of the states that it has written.</summary>
    public IReadOnlyList<string> States { get; set; } = [];
}

internal static class PhaseViews
{
    /// <summary>With the place where the phase is carried out.</summary>
    public static IQueryable<PhaseView<TPhase>> WithPlace<TPhase>(this IQueryable<TPhase> phases, OrchestratorDbContext db) where TPhase : PhaseRecord =>
        from phase in phases
        join run in db.Runs on phase.RunId equals run.Id
        join known in db.AgentPools on run.AgentPoolId equals known.Id into pools
        from pool in pools.DefaultIfEmpty()
        from agent in db.Agents.Where(row => row.PoolId == run.AgentPoolId && row.Worker == phase.Worker).DefaultIfEmpty()
        select new PhaseView<TPhase>
        {
            Phase = phase,
            PoolId = run.AgentPoolId,
            PoolName = pool.Name,
            AgentId = (AgentId?)agent.Id,
            AgentName = agent.Name,
        };
}

/// <summary>Where a plan or an apply is carried out.</summary>
public sealed record ExecutionDetails(string Mode)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentName { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentPoolId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentPoolName { get; init; }

    internal static ExecutionDetails Of<TPhase>(PhaseView<TPhase> view) where TPhase : PhaseRecord => view.PoolId is { } pool
        ? new ExecutionDetails(EnumText.Of(ExecutionMode.Agent))
        {
            AgentId = view.AgentId?.Value,
            AgentName = view.AgentName,
            AgentPoolId = pool.Value,
            AgentPoolName = view.PoolName,
        }
        : new ExecutionDetails(EnumText.Of(ExecutionMode.Remote));
}
