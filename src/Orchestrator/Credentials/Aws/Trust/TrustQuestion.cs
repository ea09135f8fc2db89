namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Would a role with this trust policy let this token in?</summary>
public sealed record TrustQuestion
{
    /// <summary>The role's trust policy, as JSON.</summary>
    public required string Policy { get; init; }

    /// <summary>The token's <c>iss</c>; without its scheme it is the first part of AWS's condition keys.</summary>
    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string Audience { get; init; }

    /// <summary>The role's account. Null takes the one that the policy's provider is of.</summary>
    public string? AccountId { get; init; }

    public string? SessionName { get; init; }

    /// <summary>Null leaves the session at AWS's default.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The session tags the token carries.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> TransitiveTagKeys { get; init; } = [];

    /// <summary>The source identity the token carries; null when it carries none.</summary>
    public string? SourceIdentity { get; init; }
}
