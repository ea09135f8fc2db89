using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.RunLogs;

/// <summary>A stretch of a phase's log: whole lines, redacted, then encrypted.</summary>
public sealed class LogChunk
{
    public required RunId RunId { get; init; }

    /// <summary><c>plan</c> or <c>apply</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>Bytes of the phase's log before this chunk.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes of this chunk in the clear.</summary>
    public required int Length { get; init; }

    public required byte[] ProtectedContent { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<LogChunk>
    {
        public void Configure(EntityTypeBuilder<LogChunk> entity)
        {
            entity.HasKey(chunk => new { chunk.RunId, chunk.Phase, chunk.Offset });
            entity.Property(chunk => chunk.Phase).HasMaxLength(10);
        }
    }
}
