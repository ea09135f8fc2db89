using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What a one-time code is good for. A code for one thing opens no other.</summary>
[StoredAsText]
public enum OneTimePurpose
{
    /// <summary>The browser of whoever can read the server's terminal signs in.</summary>
    SignIn,

    /// <summary>The browser of a person signs in for whom an owner of their organisation, or whoever runs the server, vouches.</summary>
    MemberSignIn,

    /// <summary>Somebody has agreed that a terraform gets a token of theirs.</summary>
    TerraformLogin,
}

/// <summary>A code that does one thing once, soon. Only its hash is stored, where every process of the installation sees it.</summary>
public sealed class OneTimeCode
{
    /// <summary>Lower-case hex SHA-256 of the code.</summary>
    public required string Hash { get; init; }

    public required OneTimePurpose Purpose { get; init; }

    /// <summary>For whom it does it.</summary>
    public required UserId UserId { get; init; }

    /// <summary>From then on it does nothing.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>The API token that it was traded for.</summary>
    public ApiTokenId? TokenId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<OneTimeCode>
    {
        public void Configure(EntityTypeBuilder<OneTimeCode> entity)
        {
            entity.HasKey(code => code.Hash);
            entity.Property(code => code.Hash).HasMaxLength(64);
            entity.HasOne<User>().WithMany().HasForeignKey(code => code.UserId);
        }
    }
}
