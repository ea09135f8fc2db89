namespace Orchestrator.AwsPolicies;

/// <summary>What a verified token and the request around it bring to a role's trust policy.</summary>
/// <remarks>IAM user guide, "Available keys for AWS OIDC federation": of the claims only these become condition keys, for an
/// issuer without a special arrangement.</remarks>
public sealed record WebIdentity
{
    /// <summary>The claims that become condition keys.</summary>
    public static readonly IReadOnlyList<string> ClaimKeys = ["aud", "sub", "oaud", "amr", "email"];

    public required string ProviderArn { get; init; }

    /// <summary>The provider's URL without its scheme: the first part of its condition keys.</summary>
    public required string ProviderHost { get; init; }

    public required string Subject { get; init; }

    /// <summary>The client id the token was accepted for: <c>azp</c> where there is one, else of <c>aud</c>.</summary>
    public required string Audience { get; init; }

    /// <summary>Every <c>aud</c>.</summary>
    public required IReadOnlyList<string> OriginalAudience { get; init; }

    public IReadOnlyList<string> AuthenticationMethods { get; init; } = [];

    public string? Email { get; init; }

    public string? SessionName { get; init; }

    public string? SourceIdentity { get; init; }

    /// <summary>Null when the request names none.</summary>
    public TimeSpan? Duration { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> TransitiveTagKeys { get; init; } = [];
}
