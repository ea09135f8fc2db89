using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>Variables for many workspaces of an organisation: for all of them, or for those that it is assigned to.</summary>
public sealed class VariableSet
{
    public required VariableSetId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    /// <summary>The project that owns it, beyond which it reaches nobody; null when the organisation owns it. It stays so.</summary>
    public ProjectId? ProjectId { get; init; }

    /// <summary>Unique in the organisation. Of two sets on one level, the one whose name comes first wins.</summary>
    public required string Name { get; set; }

    public string? Description { get; set; }

    /// <summary>It reaches every workspace of the organisation, and is assigned to none.</summary>
    public bool Global { get; set; }

    /// <summary>Its values win over the workspaces' and the runs' own.</summary>
    public bool Priority { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Also of its variables and assignments.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<VariableSet>
    {
        public void Configure(EntityTypeBuilder<VariableSet> entity)
        {
            entity.Property(set => set.Name).HasMaxLength(Names.MaxVariableSetLength);
            entity.Property(set => set.Description).HasMaxLength(VariableSets.MaxDescriptionLength);
            entity.HasIndex(set => new { set.OrganizationId, set.Name }).IsUnique();
        }
    }
}

/// <summary>A set is assigned to a workspace.</summary>
public sealed class VariableSetWorkspace
{
    public required VariableSetId VariableSetId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<VariableSetWorkspace>
    {
        public void Configure(EntityTypeBuilder<VariableSetWorkspace> entity)
        {
            entity.HasKey(assignment => new { assignment.VariableSetId, assignment.WorkspaceId });
            entity.HasOne<VariableSet>().WithMany().HasForeignKey(assignment => assignment.VariableSetId);
        }
    }
}

/// <summary>A set is assigned to a project, and so to every workspace in it.</summary>
public sealed class VariableSetProject
{
    public required VariableSetId VariableSetId { get; init; }

    public required ProjectId ProjectId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<VariableSetProject>
    {
        public void Configure(EntityTypeBuilder<VariableSetProject> entity)
        {
            entity.HasKey(assignment => new { assignment.VariableSetId, assignment.ProjectId });
            entity.HasOne<VariableSet>().WithMany().HasForeignKey(assignment => assignment.VariableSetId);
        }
    }
}
