using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.AgentPools;

/// <summary>Workers with a name: runs of workspaces that use the pool go to them alone.</summary>
public sealed class AgentPool
{
    public required AgentPoolId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required string Name { get; set; }

    /// <summary>Every workspace of the organisation may use it, but for those that are excluded. Else only those that are allowed, or whose
    /// project is.</summary>
    public bool OrganizationScoped { get; set; } = true;

    /// <summary>Phases that its workers together carry out at once. Null: as many as they have slots.</summary>
    public int? MaxConcurrentRuns { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AgentPool>
    {
        public void Configure(EntityTypeBuilder<AgentPool> entity)
        {
            entity.Property(pool => pool.Name).HasMaxLength(Names.MaxWorkspaceLength);
            entity.HasIndex(pool => new { pool.OrganizationId, pool.Name }).IsUnique();
        }
    }
}

/// <summary>A workspace that is allowed to use a pool, or excluded from it.</summary>
public sealed class AgentPoolWorkspace
{
    public required AgentPoolId PoolId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>True: it may not use a pool that is otherwise the whole organisation's.</summary>
    public required bool Excluded { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AgentPoolWorkspace>
    {
        public void Configure(EntityTypeBuilder<AgentPoolWorkspace> entity) =>
            entity.HasKey(row => new { row.PoolId, row.WorkspaceId, row.Excluded });
    }
}

/// <summary>A project whose workspaces are allowed to use a pool.</summary>
public sealed class AgentPoolProject
{
    public required AgentPoolId PoolId { get; init; }

    public required ProjectId ProjectId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AgentPoolProject>
    {
        public void Configure(EntityTypeBuilder<AgentPoolProject> entity) => entity.HasKey(row => new { row.PoolId, row.ProjectId });
    }
}
