using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>The public half of a key that a person's device keeps (WebAuthn). It proves the device and, by PIN or finger, the person,
/// so it is a second factor by itself.</summary>
public sealed class Passkey
{
    public const int MaxNameLength = 100;

    public required PasskeyId Id { get; init; }

    public required UserId UserId { get; init; }

    /// <summary>As the device calls the key; up to 1023 bytes.</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>Lower-case hex SHA-256 of <see cref="CredentialId"/>. Unique.</summary>
    public required string CredentialHash { get; init; }

    /// <summary>What its owner calls the device.</summary>
    public required string Name { get; init; }

    /// <summary>COSE.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>How often the device says it has signed; 0 for those that do not count. A smaller number than before is a copy's.</summary>
    public long SignCount { get; init; }

    /// <summary>How the browser may reach the device, such as <c>internal,hybrid</c>.</summary>
    public required string Transports { get; init; }

    public bool IsUserVerified { get; init; }

    public bool IsBackupEligible { get; init; }

    public bool IsBackedUp { get; init; }

    public required byte[] AttestationObject { get; init; }

    public required byte[] ClientDataJson { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Passkey>
    {
        public void Configure(EntityTypeBuilder<Passkey> entity)
        {
            entity.Property(passkey => passkey.CredentialHash).HasMaxLength(64);
            entity.Property(passkey => passkey.Name).HasMaxLength(MaxNameLength);
            entity.Property(passkey => passkey.Transports).HasMaxLength(200);
            entity.HasIndex(passkey => passkey.CredentialHash).IsUnique();
            entity.HasOne<User>().WithMany().HasForeignKey(passkey => passkey.UserId);
        }
    }
}
