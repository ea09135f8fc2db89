using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Orchestrator.Data.Blobs;

/// <summary>A blob in the database, where every worker sees it. The embedded default keeps files instead.</summary>
public sealed class Blob
{
    public required string Key { get; init; }

    public required byte[] Content { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Blob>
    {
        public void Configure(EntityTypeBuilder<Blob> entity)
        {
            entity.HasKey(blob => blob.Key);
            entity.Property(blob => blob.Key).HasMaxLength(80);
        }
    }
}
