using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Orchestrator.Data.Audit;

/// <summary>A record in its place in the chain. Triggers in both databases see to it that none is changed, and that none is deleted but by
/// retention (<see cref="AuditGuards"/>).</summary>
public sealed record AuditEntry : AuditRecord
{
    // For the database, which sets everything.
    private AuditEntry()
    {
    }

    [SetsRequiredMembers]
    private AuditEntry(AuditRecord fitted, long sequence, byte[] previousHash) : base(fitted)
    {
        (Sequence, PreviousHash) = (sequence, previousHash);
        Hash = AuditHash.Of(this);
    }

    /// <summary>Counts from 1 without a gap.</summary>
    public required long Sequence { get; init; }

    /// <summary>The <see cref="Hash"/> of the entry before; zeros for the first.</summary>
    public required byte[] PreviousHash { get; init; }

    /// <summary>SHA-256 over <see cref="PreviousHash"/> and everything else (<see cref="AuditHash"/>).</summary>
    public byte[] Hash { get; private set; } = [];

    public static AuditEntry Of(AuditRecord record, long sequence, byte[] previousHash) => new(record.Fitted(), sequence, previousHash);

    internal sealed class Mapping : IEntityTypeConfiguration<AuditEntry>
    {
        private const int HashLength = 32;

        public void Configure(EntityTypeBuilder<AuditEntry> entity)
        {
            entity.HasKey(row => row.Sequence);
            entity.Property(row => row.Sequence).ValueGeneratedNever();
            entity.Property(row => row.ActorId).HasMaxLength(AuditRecord.MaxWordLength);
            entity.Property(row => row.ActorName).HasMaxLength(Actor.MaxNameLength);
            entity.Property(row => row.Via).HasMaxLength(AuditRecord.MaxWordLength);
            entity.Property(row => row.Action).HasMaxLength(AuditRecord.MaxWordLength);
            entity.Property(row => row.ResourceType).HasMaxLength(AuditRecord.MaxWordLength);
            entity.Property(row => row.ResourceId).HasMaxLength(AuditRecord.MaxTextLength);
            entity.Property(row => row.Route).HasMaxLength(AuditRecord.MaxTextLength);
            entity.Property(row => row.Address).HasMaxLength(AuditRecord.MaxWordLength);
            entity.Property(row => row.UserAgent).HasMaxLength(AuditRecord.MaxTextLength);
            entity.Property(row => row.RequestId).HasMaxLength(AuditRecord.MaxWordLength);
            entity.Property(row => row.Detail).HasMaxLength(AuditRecord.MaxDetailLength);
            entity.Property(row => row.PreviousHash).HasMaxLength(HashLength);
            entity.Property(row => row.Hash).HasMaxLength(HashLength);
            entity.HasIndex(row => new { row.OrganizationId, row.Sequence });
            entity.HasIndex(row => row.At);
        }
    }
}
