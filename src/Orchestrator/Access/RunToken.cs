using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What a run's terraform shows to the state API. It opens one workspace's state, for one phase of one run, and
/// nothing else. Only its hash is stored.</summary>
public sealed class RunToken
{
    /// <summary>Lower-case hex SHA-256 of the token.</summary>
    public required string Hash { get; init; }

    public required RunId RunId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>False for what comes from a fork: whoever has written it is not known here, and a state holds secrets. It sees no state at all,
    /// its own workspace's or another's.</summary>
    public required bool MayReadState { get; init; }

    /// <summary>False while planning: a plan reads state and never writes it.</summary>
    public required bool MayWriteState { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<RunToken>
    {
        public void Configure(EntityTypeBuilder<RunToken> entity)
        {
            entity.HasKey(token => token.Hash);
            entity.Property(token => token.Hash).HasMaxLength(64);
            // Tokens that were alive when the column came.
            entity.Property(token => token.MayReadState).HasDefaultValue(true).HasSentinel(true);
            entity.HasIndex(token => token.RunId);
        }
    }
}
