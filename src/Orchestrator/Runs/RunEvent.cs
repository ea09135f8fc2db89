using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>One entry of a run's history: a status it reached, or a request somebody made.</summary>
public sealed class RunEvent
{
    public const int MaxDescriptionLength = 2000;

    public required RunEventId Id { get; init; }

    public required RunId RunId { get; init; }

    /// <summary>A status (<c>planned</c>), or <c>cancel_requested</c>, <c>force_cancel_requested</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Who did it; null when the platform itself did.</summary>
    public string? ActorId { get; init; }

    public string? Actor { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<RunEvent>
    {
        public void Configure(EntityTypeBuilder<RunEvent> entity)
        {
            entity.Property(happening => happening.Action).HasMaxLength(40);
            entity.Property(happening => happening.ActorId).HasMaxLength(Data.Actor.MaxIdLength);
            entity.Property(happening => happening.Actor).HasMaxLength(Data.Actor.MaxNameLength);
            entity.Property(happening => happening.Description).HasMaxLength(MaxDescriptionLength);
            entity.HasIndex(happening => new { happening.RunId, happening.CreatedAt });
        }
    }
}
