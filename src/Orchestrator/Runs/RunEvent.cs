using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>One entry of a run's history: a status it reached, a request somebody made, or only what somebody had to say. What a
/// person said with it is the API's comment.</summary>
public sealed class RunEvent
{
    public const int MaxDescriptionLength = 2000;
    public const int MaxCommentLength = 10_000;

    /// <summary>The <see cref="Action"/> of an entry that is there for its comment alone.</summary>
    public const string Commented = "commented";

    public required RunEventId Id { get; init; }

    public required RunId RunId { get; init; }

    /// <summary>A status (<c>planned</c>), or <c>cancel_requested</c>, <c>force_cancel_requested</c>, <c>commented</c>, …</summary>
    public required string Action { get; init; }

    /// <summary>Who did it; null when the platform itself did.</summary>
    public string? ActorId { get; init; }

    public string? Actor { get; init; }

    /// <summary>The platform's own words.</summary>
    public string? Description { get; init; }

    /// <summary>Null when nothing was said.</summary>
    public CommentId? CommentId { get; init; }

    public string? Comment { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What is too long for its column is cut.</summary>
    public static RunEvent Of(
        RunId run, string action, DateTimeOffset now, Actor? actor = null, string? description = null, string? comment = null) => new()
        {
            Id = Identifier.New<RunEventId>(),
            RunId = run,
            Action = action,
            ActorId = actor?.Id,
            Actor = actor?.Name,
            Description = RunText.Fit(description, MaxDescriptionLength),
            CommentId = string.IsNullOrEmpty(comment) ? null : Identifier.New<CommentId>(),
            Comment = string.IsNullOrEmpty(comment) ? null : RunText.Fit(comment, MaxCommentLength),
            CreatedAt = now,
        };

    internal sealed class Mapping : IEntityTypeConfiguration<RunEvent>
    {
        public void Configure(EntityTypeBuilder<RunEvent> entity)
        {
            entity.Property(happening => happening.Action).HasMaxLength(40);
            entity.Property(happening => happening.ActorId).HasMaxLength(Data.Actor.MaxIdLength);
            entity.Property(happening => happening.Actor).HasMaxLength(Data.Actor.MaxNameLength);
            entity.Property(happening => happening.Description).HasMaxLength(MaxDescriptionLength);
            entity.Property(happening => happening.Comment).HasMaxLength(MaxCommentLength);
            entity.HasIndex(happening => happening.CommentId).IsUnique();
            entity.HasIndex(happening => new { happening.RunId, happening.CreatedAt });
        }
    }
}
