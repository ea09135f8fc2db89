using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Projects;

/// <summary>A group of workspaces in an organisation. Every organisation has one called "Default Project".</summary>
public sealed class Project
{
    public const int MaxDescriptionLength = 256;

    public required ProjectId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required string Name { get; set; }

    public string? Description { get; set; }

    /// <summary>For its workspaces that have none of their own; null: the organisation's.</summary>
    public ExecutionMode? DefaultExecutionMode { get; set; }

    /// <summary>Where the mode is <see cref="ExecutionMode.Agent"/> and a workspace names no other pool; null: the organisation's.</summary>
    public AgentPoolId? DefaultAgentPoolId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Project>
    {
        public void Configure(EntityTypeBuilder<Project> entity)
        {
            entity.Property(project => project.Name).HasMaxLength(Names.MaxProjectLength);
            entity.Property(project => project.Description).HasMaxLength(MaxDescriptionLength);
            entity.HasIndex(project => new { project.OrganizationId, project.Name }).IsUnique();
        }
    }
}
