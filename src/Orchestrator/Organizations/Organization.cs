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

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Organization>
    {
        public void Configure(EntityTypeBuilder<Organization> entity)
        {
            entity.Property(organization => organization.Name).HasMaxLength(Names.MaxOrganizationLength);
            entity.Property(organization => organization.Email).HasMaxLength(254);
            entity.HasIndex(organization => organization.Name).IsUnique();
        }
    }
}
