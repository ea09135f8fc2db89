using Orchestrator.AwsPolicies;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.Sessions;

/// <summary>Temporary credentials and what they stand for.</summary>
internal sealed record Session
{
    public required string AccessKeyId { get; init; }

    public required string SecretAccessKey { get; init; }

    public required string SessionToken { get; init; }

    public required Role Role { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The expiration the caller was told.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it really ends: earlier than announced if that fault is on.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Narrow what the role may do; none means no narrowing.</summary>
    public required IReadOnlyList<PolicyDocument> Policies { get; init; }

    public required SessionIdentity Identity { get; init; }

    public string Arn => $"arn:aws:sts::{Role.AccountId}:assumed-role/{Role.Name}/{Name}";

    public string UserId => $"{Role.UniqueId}:{Name}";

    /// <summary>How the audit trail names the holder.</summary>
    public AuditIdentity AuditIdentity => new("AssumedRole", UserId, Arn, Role.AccountId, AccessKeyId, Identity.Subject);

    // A record's own text would contain the secret.
    public override string ToString() => Arn;
}

/// <summary>What later requests still know about the token behind a session.</summary>
internal sealed record SessionIdentity
{
    public required OidcProvider Provider { get; init; }

    public required string Audience { get; init; }

    public required string Subject { get; init; }

    public required IReadOnlyList<string> AuthenticationMethods { get; init; }

    public required SessionTags Tags { get; init; }

    public required string? SourceIdentity { get; init; }
}
