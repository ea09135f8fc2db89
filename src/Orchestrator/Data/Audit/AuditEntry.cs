using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Orchestrator.Data.Audit;

/// <summary>A record in its place in the chain. Triggers in both databases see to it that none is changed, and that none is deleted but by
/// retention (<see cref="AuditGuards"/>).</summary>
public sealed class AuditEntry
{
    /// <summary>Counts from 1 without a gap.</summary>
    public required long Sequence { get; init; }

    public required AuditEntryId Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AuditActorKind ActorKind { get; init; }

    public string? ActorId { get; init; }

    public required string ActorName { get; init; }

    public ApiTokenId? TokenId { get; init; }

    public string? Via { get; init; }

    public OrganizationId? OrganizationId { get; init; }

    public WorkspaceId? WorkspaceId { get; init; }

    public required string Action { get; init; }

    public required string ResourceType { get; init; }

    public string? ResourceId { get; init; }

    public required AuditOutcome Outcome { get; init; }

    public string? Route { get; init; }

    public int? Status { get; init; }

    public string? Address { get; init; }

    public string? UserAgent { get; init; }

    public string? RequestId { get; init; }

    public string? Detail { get; init; }

    /// <summary>The <see cref="Hash"/> of the entry before; zeros for the first.</summary>
    public required byte[] PreviousHash { get; init; }

    /// <summary>SHA-256 over <see cref="PreviousHash"/> and everything above (<see cref="AuditHash"/>).</summary>
    public byte[] Hash { get; private set; } = [];

    public static AuditEntry Of(AuditRecord record, long sequence, byte[] previousHash)
    {
        var fitted = record.Fitted();
        var entry = new AuditEntry
        {
            Sequence = sequence,
            Id = fitted.Id,
            At = fitted.At,
            ActorKind = fitted.ActorKind,
            ActorId = fitted.ActorId,
            ActorName = fitted.ActorName,
            TokenId = fitted.TokenId,
            Via = fitted.Via,
            OrganizationId = fitted.OrganizationId,
            WorkspaceId = fitted.WorkspaceId,
            Action = fitted.Action,
            ResourceType = fitted.ResourceType,
            ResourceId = fitted.ResourceId,
            Outcome = fitted.Outcome,
            Route = fitted.Route,
            Status = fitted.Status,
            Address = fitted.Address,
            UserAgent = fitted.UserAgent,
            RequestId = fitted.RequestId,
            Detail = fitted.Detail,
            PreviousHash = previousHash,
        };
        entry.Hash = AuditHash.Of(entry);
        return entry;
    }

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
