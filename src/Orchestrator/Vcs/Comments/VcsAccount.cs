using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Vcs.Comments;

/// <summary>An account at a service, of which somebody has shown that it is theirs.</summary>
public sealed class VcsAccount
{
    public const int MaxId = 200;
    public const int MaxName = 200;

    public required OAuthClientId ConnectionId { get; init; }

    /// <summary>By which the service knows the account for good. Names are given up, and taken by others.</summary>
    public required string ServiceUserId { get; init; }

    /// <summary>As it was called then.</summary>
    public required string ServiceUserName { get; init; }

    public required UserId UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<VcsAccount>
    {
        public void Configure(EntityTypeBuilder<VcsAccount> entity)
        {
            entity.HasKey(account => new { account.ConnectionId, account.ServiceUserId });
            entity.HasOne<VcsConnection>().WithMany().HasForeignKey(account => account.ConnectionId);
            entity.Property(account => account.ServiceUserId).HasMaxLength(MaxId);
            entity.Property(account => account.ServiceUserName).HasMaxLength(MaxName);
            entity.HasIndex(account => account.UserId);
        }
    }
}

/// <summary>Somebody says that an account is theirs, and has a code to show it with: in a comment of that account's.</summary>
/// <remarks>The comment may be public, and a delivery may be lost. So the code is good for the account that was named beforehand, and for nobody
/// who reads it there.</remarks>
public sealed class VcsAccountClaim
{
    /// <summary>Lower-case hex SHA-256 of the code.</summary>
    public required string Hash { get; init; }

    public required OAuthClientId ConnectionId { get; init; }

    public required UserId UserId { get; init; }

    /// <summary>The account's name or number, in small letters.</summary>
    public required string AccountKey { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<VcsAccountClaim>
    {
        public void Configure(EntityTypeBuilder<VcsAccountClaim> entity)
        {
            entity.HasKey(claim => claim.Hash);
            entity.HasOne<VcsConnection>().WithMany().HasForeignKey(claim => claim.ConnectionId);
            entity.Property(claim => claim.Hash).HasMaxLength(64);
            entity.Property(claim => claim.AccountKey).HasMaxLength(VcsAccount.MaxName);
        }
    }
}
