using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Notifications;

/// <summary>One thing to tell somebody, and how that went. Written in the transaction that makes it true; a job carries only its id.</summary>
public sealed class NotificationDelivery
{
    public const int MaxBodyLength = 4096;

    public required NotificationDeliveryId Id { get; init; }

    public required NotificationConfigurationId ConfigurationId { get; init; }

    /// <summary>Null for a verification.</summary>
    public RunId? RunId { get; init; }

    public required string Trigger { get; init; }

    /// <summary>The run's status then; null for a verification.</summary>
    public string? RunStatus { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Whoever brought the run there; null for the platform itself.</summary>
    public string? OccurredBy { get; init; }

    public NotificationDeliveryStatus Status { get; set; } = NotificationDeliveryStatus.Pending;

    public int Attempts { get; set; }

    /// <summary>When it is handed to a worker, for the first time or again.</summary>
    public DateTimeOffset? DueAt { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>The receiver's answer, or null when there was none.</summary>
    public int? Code { get; set; }

    /// <summary>The answer's headers as a JSON object of lists.</summary>
    public string? HeadersJson { get; set; }

    /// <summary>The beginning of the answer's body; or why there was none.</summary>
    public string? Body { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<NotificationDelivery>
    {
        public void Configure(EntityTypeBuilder<NotificationDelivery> entity)
        {
            entity.Property(delivery => delivery.Trigger).HasMaxLength(60);
            entity.Property(delivery => delivery.RunStatus).HasMaxLength(40);
            entity.Property(delivery => delivery.OccurredBy).HasMaxLength(Actor.MaxNameLength);
            entity.Property(delivery => delivery.Body).HasMaxLength(MaxBodyLength);
            entity.HasOne<NotificationConfiguration>().WithMany().HasForeignKey(delivery => delivery.ConfigurationId);
            entity.HasIndex(delivery => new { delivery.ConfigurationId, delivery.OccurredAt });
            entity.HasIndex(delivery => new { delivery.Status, delivery.DueAt });
        }
    }
}

[StoredAsText]
public enum NotificationDeliveryStatus
{
    Pending,
    Delivered,

    /// <summary>Given up.</summary>
    Failed,
}
