using Orchestrator.AwsPolicies;

namespace Orchestrator.AwsSimulator.Iam;

internal sealed record Role
{
    public required string AccountId { get; init; }

    public required string Name { get; init; }

    public required string Path { get; init; }

    public required PolicyDocument TrustPolicy { get; init; }

    /// <summary>The trust policy as it was written.</summary>
    public required string TrustPolicyText { get; init; }

    public required IReadOnlyList<PolicyDocument> Permissions { get; init; }

    public required TimeSpan MaxSessionDuration { get; init; }

    /// <summary>Keys compare without case, as IAM's do.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    public string Arn => $"arn:aws:iam::{AccountId}:role{Path}{Name}";

    /// <summary>Derived from the ARN, so that it survives a restart of the simulator.</summary>
    public string UniqueId => AwsIdentifier.Derived("AROA", Arn, length: 21);
}
