using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Tags;

/// <summary>A tag of a workspace. What an organisation knows of a tag is what its workspaces have: one that nobody has is gone.</summary>
public sealed class WorkspaceTag : ITagRow
{
    public required WorkspaceId WorkspaceId { get; init; }

    public required string Key { get; init; }

    public required string Value { get; set; }

    public required OrganizationId OrganizationId { get; init; }

    /// <summary>The same for every workspace of the organisation that has a tag of this key.</summary>
    public required TagId TagId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static TagId IdOf(OrganizationId organization, string key) => Identifier.Derived<TagId>(organization.Value, key);

    internal sealed class Mapping : IEntityTypeConfiguration<WorkspaceTag>
    {
        public void Configure(EntityTypeBuilder<WorkspaceTag> entity)
        {
            entity.HasKey(tag => new { tag.WorkspaceId, tag.Key });
            entity.Property(tag => tag.Key).HasMaxLength(TagRules.MaxKeyLength);
            entity.Property(tag => tag.Value).HasMaxLength(TagRules.MaxValueLength);
            entity.HasIndex(tag => new { tag.OrganizationId, tag.Key });
            entity.HasIndex(tag => tag.TagId);
        }
    }
}
