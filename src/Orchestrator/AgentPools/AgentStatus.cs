namespace Orchestrator.AgentPools;

public enum AgentStatus
{
    Idle,

    /// <summary>It has claimed a run.</summary>
    Busy,

    /// <summary>It has given no sign of life for a while.</summary>
    Unknown,

    /// <summary>It said good-bye.</summary>
    Exited,
}

public static class AgentStatuses
{
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    /// <summary>Several missed signs of life.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    /// <param name="isBusy">It has claimed a run.</param>
    public static AgentStatus StatusAt(this Agent agent, DateTimeOffset now, bool isBusy) =>
        agent.ExitedAt is not null ? AgentStatus.Exited
        : agent.LastPingAt < now - Silence ? AgentStatus.Unknown
        : isBusy ? AgentStatus.Busy
        : AgentStatus.Idle;
}
