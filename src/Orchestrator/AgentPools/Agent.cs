using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.AgentPools;

/// <summary>A worker process that takes runs from a pool.</summary>
public sealed class Agent
{
    public const int MaxNameLength = 100;

    public required AgentId Id { get; init; }

    public required AgentPoolId PoolId { get; init; }

    /// <summary>As the runs that it has claimed name it.</summary>
    public required string Worker { get; init; }

    /// <summary>The machine and the process.</summary>
    public required string Name { get; init; }

    public string? IpAddress { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset LastPingAt { get; set; }

    /// <summary>It said good-bye.</summary>
    public DateTimeOffset? ExitedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Agent>
    {
        public void Configure(EntityTypeBuilder<Agent> entity)
        {
            entity.Property(agent => agent.Worker).HasMaxLength(MaxNameLength);
            entity.Property(agent => agent.Name).HasMaxLength(MaxNameLength);
            entity.Property(agent => agent.IpAddress).HasMaxLength(45);
            entity.HasIndex(agent => new { agent.PoolId, agent.Worker }).IsUnique();
        }
    }
}
