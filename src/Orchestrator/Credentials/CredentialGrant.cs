using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Credentials;

/// <summary>The record of one token and what it was exchanged for: who was who, when, until when. Never the secrets.</summary>
public sealed class CredentialGrant
{
    public required CredentialGrantId Id { get; init; }

    public required RunId RunId { get; init; }

    /// <summary><c>plan</c> or <c>apply</c>.</summary>
    public required string Phase { get; init; }

    /// <summary><c>aws</c>.</summary>
    public required string Provider { get; init; }

    public required string TokenId { get; init; }

    public required string Subject { get; init; }

    public required string Audience { get; init; }

    public required DateTimeOffset TokenIssuedAt { get; init; }

    public required DateTimeOffset TokenExpiresAt { get; init; }

    /// <summary>What was asked for: a role's ARN.</summary>
    public required string Role { get; init; }

    public required string SessionName { get; init; }

    /// <summary>The assumed role's ARN; null when the exchange was refused.</summary>
    public string? Principal { get; init; }

    /// <summary>The public half of the keys, for finding the session in AWS's own records.</summary>
    public string? AccessKeyId { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>AWS's id of the exchange, for its support and its logs.</summary>
    public string? RequestId { get; init; }

    /// <summary>AWS's error code; null when the exchange succeeded.</summary>
    public string? ErrorCode { get; init; }

    public required int DurationMilliseconds { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<CredentialGrant>
    {
        public void Configure(EntityTypeBuilder<CredentialGrant> entity)
        {
            entity.Property(grant => grant.Phase).HasMaxLength(10);
            entity.Property(grant => grant.Provider).HasMaxLength(20);
            entity.Property(grant => grant.TokenId).HasMaxLength(64);
            entity.Property(grant => grant.Subject).HasMaxLength(255);
            entity.Property(grant => grant.Audience).HasMaxLength(500);
            entity.Property(grant => grant.Role).HasMaxLength(2048);
            entity.Property(grant => grant.SessionName).HasMaxLength(64);
            entity.Property(grant => grant.Principal).HasMaxLength(2048);
            entity.Property(grant => grant.AccessKeyId).HasMaxLength(128);
            entity.Property(grant => grant.RequestId).HasMaxLength(128);
            entity.Property(grant => grant.ErrorCode).HasMaxLength(100);
            entity.HasIndex(grant => grant.RunId);
        }
    }
}
