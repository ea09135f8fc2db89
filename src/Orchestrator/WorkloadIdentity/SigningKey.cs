using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>A key pair that signs run tokens. The private half rests encrypted; the public half is published.</summary>
public sealed class SigningKey
{
    /// <summary>The RFC 7638 thumbprint of the public key, base64url.</summary>
    public required string Kid { get; init; }

    /// <summary>The JWA name, <c>RS256</c> or <c>ES256</c>.</summary>
    public required string Algorithm { get; init; }

    /// <summary>PKCS#8, encrypted. Null once the key is retired.</summary>
    public byte[]? ProtectedPrivateKey { get; init; }

    public SigningKeyState State { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until then relying parties may hold a key set from before this key was published.</summary>
    public required DateTimeOffset MaySignAt { get; init; }

    /// <summary>When it began to sign.</summary>
    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>From then on no token of the usual life by it can be valid, whatever the relying party's clock says.</summary>
    public DateTimeOffset? RetiresAt { get; set; }

    /// <summary>When the last of the tokens by it expires that live longer than <see cref="TokenIssuer.Lifetime"/>, and at most an hour
    /// later; null when there are none.</summary>
    public DateTimeOffset? NeededUntil { get; set; }

    public DateTimeOffset? RetiredAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<SigningKey>
    {
        public void Configure(EntityTypeBuilder<SigningKey> entity)
        {
            entity.HasKey(key => key.Kid);
            entity.Property(key => key.Kid).HasMaxLength(64);
            entity.Property(key => key.Algorithm).HasMaxLength(10);
            // The database, not a habit, makes sure that processes which start or rotate at once agree on one key of each.
            entity.HasIndex(key => key.State).IsUnique().HasFilter("\"State\" IN ('next', 'active')");
        }
    }
}

/// <summary>The life of a signing key, one way from top to bottom. The key that signs is chosen by this state, never by age or order.</summary>
[StoredAsText]
public enum SigningKeyState
{
    /// <summary>Published before it signs, so that relying parties know it when it does. There is exactly one.</summary>
    Next,

    /// <summary>Signs new tokens, and is published. There is exactly one. <see cref="KeyRotation"/> moves the next key here.</summary>
    Active,

    /// <summary>Published, so that living tokens still verify; signs nothing.</summary>
    Retiring,

    /// <summary>Not published, and its private half is destroyed: after its time as retiring, or revoked at any moment before.</summary>
    Retired,
}
