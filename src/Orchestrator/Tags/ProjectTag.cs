using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Tags;

/// <summary>A tag that every workspace of the project has, too, unless it has one of the same key.</summary>
public sealed class ProjectTag : ITagRow
{
    public required ProjectId ProjectId { get; init; }

    public required string Key { get; init; }

    public required string Value { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ProjectTag>
    {
        public void Configure(EntityTypeBuilder<ProjectTag> entity)
        {
            entity.HasKey(tag => new { tag.ProjectId, tag.Key });
            entity.Property(tag => tag.Key).HasMaxLength(TagRules.MaxKeyLength);
            entity.Property(tag => tag.Value).HasMaxLength(TagRules.MaxValueLength);
        }
    }
}
