namespace Orchestrator.WorkloadIdentity;

/// <summary>A signed token, in memory only, and what may be told about it.</summary>
public sealed class IdentityToken(
    string compact, string id, string subject, string audience, DateTimeOffset issuedAt, DateTimeOffset expiresAt)
{
    /// <summary>The secret: <c>header.claims.signature</c>.</summary>
    public string Compact { get; } = compact;

    /// <summary>The <c>jti</c>.</summary>
    public string Id { get; } = id;

    public string Subject { get; } = subject;

    public string Audience { get; } = audience;

    public DateTimeOffset IssuedAt { get; } = issuedAt;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    public override string ToString() => $"token {Id} of {Subject} for {Audience}";
}
