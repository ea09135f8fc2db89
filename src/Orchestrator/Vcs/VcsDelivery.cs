using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Vcs;

/// <summary>Something that version control has told us, or that we have found by looking there: one line of the delivery log. This row is the
/// truth; the job queue only carries its id.</summary>
public sealed class VcsDelivery
{
    public const int MaxProviderId = 200;
    public const int MaxReason = 2000;

    public required VcsDeliveryId Id { get; init; }

    public required OAuthClientId ConnectionId { get; init; }

    /// <summary>The sender's own name for it, by which a repetition is known.</summary>
    public required string ProviderId { get; init; }

    /// <summary>As the sender calls it: <c>push</c>, <c>pull_request</c>.</summary>
    public required string Event { get; init; }

    public string? Repository { get; set; }

    public string? CommitSha { get; set; }

    public string? Sender { get; set; }

    public VcsDeliveryStatus Status { get; set; } = VcsDeliveryStatus.Received;

    /// <summary>Why it was refused or ignored, or what has failed; in a sentence.</summary>
    public string? Reason { get; set; }

    /// <summary>How often its job was begun.</summary>
    public int Attempts { get; set; }

    /// <summary>When it is to be handed to the workers, again or for the first time.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Its body as it came in, encrypted: it tells of private repositories. Null when it was refused, and when it is old.</summary>
    public byte[]? ProtectedBody { get; set; }

    /// <summary>Bytes of the body.</summary>
    public long Size { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>A W3C <c>traceparent</c>: where its job goes on with the trace of the request that brought it. Null when nobody traced that.</summary>
    public string? TraceContext { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<VcsDelivery>
    {
        public void Configure(EntityTypeBuilder<VcsDelivery> entity)
        {
            entity.HasOne<VcsConnection>().WithMany().HasForeignKey(delivery => delivery.ConnectionId);
            entity.Property(delivery => delivery.ProviderId).HasMaxLength(MaxProviderId);
            entity.Property(delivery => delivery.Event).HasMaxLength(100);
            entity.Property(delivery => delivery.Repository).HasMaxLength(VcsRepository.MaxIdentifier);
            entity.Property(delivery => delivery.CommitSha).HasMaxLength(64);
            entity.Property(delivery => delivery.Sender).HasMaxLength(200);
            entity.Property(delivery => delivery.Reason).HasMaxLength(MaxReason);
            entity.Property(delivery => delivery.TraceContext).HasMaxLength(Tracing.ContextLength);
            entity.HasIndex(delivery => new { delivery.ConnectionId, delivery.ProviderId }).IsUnique();
            entity.HasIndex(delivery => new { delivery.ConnectionId, delivery.ReceivedAt });
            entity.HasIndex(delivery => new { delivery.Status, delivery.DueAt });
        }
    }
}

[StoredAsText]
public enum VcsDeliveryStatus
{
    /// <summary>Stored; its job has still to handle it.</summary>
    Received,

    /// <summary>Done: <see cref="VcsOutcome"/> says what for each workspace.</summary>
    Handled,

    /// <summary>Nothing was to be done, and the reason says why.</summary>
    Ignored,

    /// <summary>Not taken in: unsigned, wrongly signed, unreadable or too large.</summary>
    Refused,

    /// <summary>Given up after several attempts.</summary>
    Failed,
}

/// <summary>What a delivery meant for one workspace.</summary>
public sealed class VcsOutcome
{
    public required VcsDeliveryId DeliveryId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    public VcsDecision Decision { get; set; }

    /// <summary>Why, in a sentence.</summary>
    public string? Reason { get; set; }

    public ConfigurationVersionId? ConfigurationVersionId { get; set; }

    public RunId? RunId { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<VcsOutcome>
    {
        public void Configure(EntityTypeBuilder<VcsOutcome> entity)
        {
            entity.HasKey(outcome => new { outcome.DeliveryId, outcome.WorkspaceId });
            entity.HasOne<VcsDelivery>().WithMany().HasForeignKey(outcome => outcome.DeliveryId);
            entity.Property(outcome => outcome.Reason).HasMaxLength(VcsDelivery.MaxReason);
        }
    }
}

[StoredAsText]
public enum VcsDecision
{
    /// <summary>Its configuration is being taken in.</summary>
    Ingressing,

    /// <summary>A run was queued.</summary>
    Queued,

    /// <summary>The configuration is there, and no run: nobody has queued the first one.</summary>
    Ingressed,

    Skipped,

    /// <summary>The configuration or the run was refused.</summary>
    Refused,
}
