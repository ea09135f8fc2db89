using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Organizations;

/// <summary>The tenant: every project, workspace and run belongs to one.</summary>
public sealed class Organization
{
    public required OrganizationId Id { get; init; }

    /// <summary>Unique in the installation; part of URLs and of token subjects.</summary>
    public required string Name { get; set; }

    public string? Email { get; set; }

    /// <summary>For workspaces that have no execution mode of their own, nor from their project.</summary>
    public ExecutionMode DefaultExecutionMode { get; set; } = ExecutionMode.Remote;

    /// <summary>Where the mode is <see cref="ExecutionMode.Agent"/> and nobody names another pool.</summary>
    public AgentPoolId? DefaultAgentPoolId { get; set; }

    /// <summary>Whoever administers a workspace may also delete one that still manages resources. Else only owners may.</summary>
    public bool AllowForceDeleteWorkspaces { get; set; }

    /// <summary>Whoever has an account without a second factor may do nothing here, as if they were no member.</summary>
    public bool RequiresTwoFactor { get; set; }

    /// <summary>Phases of its runs that are carried out at once. Null: as many as there is room for.</summary>
    public int? MaxConcurrentRuns { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Organization>
    {
        public void Configure(EntityTypeBuilder<Organization> entity)
        {
            entity.Property(organization => organization.Name).HasMaxLength(Names.MaxOrganizationLength);
            entity.Property(organization => organization.Email).HasMaxLength(254);
            entity.Property(organization => organization.DefaultExecutionMode).HasDefaultValue(ExecutionMode.Remote).HasSentinel(ExecutionMode.Remote);
            entity.HasIndex(organization => organization.Name).IsUnique();
        }
    }
}
