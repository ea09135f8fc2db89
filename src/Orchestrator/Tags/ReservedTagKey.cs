using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Tags;

/// <summary>A key that means something to the organisation.</summary>
public sealed class ReservedTagKey
{
    public required ReservedTagKeyId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required string Key { get; set; }

    /// <summary>What a project says about this key holds for all its workspaces, whatever they say themselves.</summary>
    public bool DisableOverrides { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ReservedTagKey>
    {
        public void Configure(EntityTypeBuilder<ReservedTagKey> entity)
        {
            entity.Property(reserved => reserved.Key).HasMaxLength(TagRules.MaxKeyLength);
            entity.HasIndex(reserved => new { reserved.OrganizationId, reserved.Key }).IsUnique();
        }
    }
}
