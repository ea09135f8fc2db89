using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>A challenge that somebody has answered, rightly or not. One that nobody answers leaves nothing: strangers may ask for as many as
/// they like.</summary>
public sealed class SpentChallenge
{
    /// <summary>Lower-case hex SHA-256 of it.</summary>
    public required string Hash { get; init; }

    /// <summary>By then it is too old to be answered anyway.</summary>
    public required DateTimeOffset ForgetAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SpentChallenge>
    {
        public void Configure(EntityTypeBuilder<SpentChallenge> entity)
        {
            entity.HasKey(challenge => challenge.Hash);
            entity.Property(challenge => challenge.Hash).HasMaxLength(64);
        }
    }
}

/// <summary>Sees to it that a challenge is answered once, at whichever process of the installation. It travels in its browser, who may
/// keep a copy.</summary>
public sealed class Challenges(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    /// <summary>Uses it up, before anybody looks at the answer.</summary>
    /// <param name="lifetime">How old it can be at most.</param>
    /// <returns>False when it was answered before.</returns>
    public async Task<bool> TrySpendAsync(string challenge, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.SpentChallenges.Where(old => old.ForgetAt <= now).ExecuteDeleteAsync(cancellationToken);
        db.SpentChallenges.Add(new SpentChallenge { Hash = TokenHash.Of(challenge), ForgetAt = now + lifetime });
        return await db.TrySaveAsync(cancellationToken);
    }
}
