using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What a person, a team or an organisation shows to the API. Only its hash is stored.</summary>
public sealed class ApiToken
{
    public const int MaxDescriptionLength = 256;

    public required ApiTokenId Id { get; init; }

    /// <summary>Lower-case hex SHA-256 of the token. Unique.</summary>
    public required string Hash { get; init; }

    /// <summary>Whose it is: exactly one of these three is set.</summary>
    public UserId? UserId { get; init; }

    public TeamId? TeamId { get; init; }

    public OrganizationId? OrganizationId { get; init; }

    /// <summary>A team's token without one is the only such one of its team.</summary>
    public string? Description { get; init; }

    public string? CreatedById { get; init; }

    /// <summary>The name its maker had then.</summary>
    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the minute or so; null when it was never used.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>From then on it opens nothing. Null: it does not expire.</summary>
    public DateTimeOffset? ExpiredAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ApiToken>
    {
        public void Configure(EntityTypeBuilder<ApiToken> entity)
        {
            entity.Property(token => token.Hash).HasMaxLength(64);
            entity.Property(token => token.Description).HasMaxLength(MaxDescriptionLength);
            entity.Property(token => token.CreatedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(token => token.CreatedBy).HasMaxLength(Actor.MaxNameLength);
            entity.HasOne<User>().WithMany().HasForeignKey(token => token.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasOne<Team>().WithMany().HasForeignKey(token => token.TeamId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(token => token.Hash).IsUnique();
        }
    }
}
