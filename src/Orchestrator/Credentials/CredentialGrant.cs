using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Credentials;

/// <summary>The ledger's entry of one token and what became of it: who was who, when, until when. Never the secrets.</summary>
public sealed class CredentialGrant
{
    public required CredentialGrantId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>Null when there was no run, and somebody only tried.</summary>
    public required RunId? RunId { get; init; }

    /// <summary><c>plan</c> or <c>apply</c>.</summary>
    public required string Phase { get; init; }

    /// <summary><c>aws</c>, <c>azure</c>, <c>gcp</c>, <c>vault</c>, <c>kubernetes</c>; <c>token</c> for a token that the run itself shows to somebody.</summary>
    public required string Provider { get; init; }

    /// <summary>The configuration's tag; null for the default one.</summary>
    public string? Tag { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string TokenId { get; init; }

    public required string Subject { get; init; }

    public required string Audience { get; init; }

    public required DateTimeOffset TokenIssuedAt { get; init; }

    public required DateTimeOffset TokenExpiresAt { get; init; }

    /// <summary>How long minting took.</summary>
    public required int TokenMilliseconds { get; init; }

    /// <summary>What was asked for: a role's ARN or name, a client id, a service account; <c>(sensitive)</c> where a sensitive variable
    /// gives it. Null when the token itself is what the run gets.</summary>
    public string? Role { get; set; }

    public string? SessionName { get; set; }

    /// <summary>Who the cloud says one is now, or <c>(sensitive)</c>; null when the exchange was refused, or is the client's own business.</summary>
    public string? Principal { get; set; }

    /// <summary>The public half of the keys, for finding the session in the cloud's own records.</summary>
    public string? AccessKeyId { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>The cloud's id of the exchange, for its support and its logs.</summary>
    public string? RequestId { get; set; }

    /// <summary>The cloud's error code; null when nothing was refused.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>How long the exchange took; null when there was none.</summary>
    public int? ExchangeMilliseconds { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<CredentialGrant>
    {
        public void Configure(EntityTypeBuilder<CredentialGrant> entity)
        {
            entity.Property(grant => grant.Phase).HasMaxLength(10);
            entity.Property(grant => grant.Provider).HasMaxLength(20);
            entity.Property(grant => grant.Tag).HasMaxLength(Names.MaxVariableKeyLength);
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
            entity.HasIndex(grant => new { grant.WorkspaceId, grant.CreatedAt });
            entity.HasIndex(grant => new { grant.OrganizationId, grant.CreatedAt });
        }
    }
}
