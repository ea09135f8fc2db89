using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>A key pair that signs run tokens. The private half rests encrypted; the public half is published.</summary>
public sealed class SigningKey
{
    /// <summary>The RFC 7638 thumbprint of the public key, base64url.</summary>
    public required string Kid { get; init; }

    /// <summary>The JWA name, <c>RS256</c>.</summary>
    public required string Algorithm { get; init; }

    /// <summary>PKCS#8, encrypted.</summary>
    public required byte[] ProtectedPrivateKey { get; init; }

    public SigningKeyState State { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SigningKey>
    {
        public void Configure(EntityTypeBuilder<SigningKey> entity)
        {
            entity.HasKey(key => key.Kid);
            entity.Property(key => key.Kid).HasMaxLength(64);
            entity.Property(key => key.Algorithm).HasMaxLength(10);
            // The database, not a habit, makes sure that two first starts at once agree on one key.
            entity.HasIndex(key => key.State).IsUnique().HasFilter("\"State\" = 'active'");
        }
    }
}

/// <summary>The signing key is chosen by this state, never by age or order.</summary>
[StoredAsText]
public enum SigningKeyState
{
    /// <summary>Signs new tokens, and is published. There is exactly one.</summary>
    Active,

    /// <summary>Published, so that living tokens still verify; signs nothing.</summary>
    Retiring,

    /// <summary>Not published.</summary>
    Retired,
}
