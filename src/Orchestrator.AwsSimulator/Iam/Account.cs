namespace Orchestrator.AwsSimulator.Iam;

internal sealed record Account
{
    public required string Id { get; init; }

    public required IReadOnlyList<OidcProvider> OidcProviders { get; init; }

    public required IReadOnlyList<Role> Roles { get; init; }

    public required IReadOnlyList<ManagedPolicy> ManagedPolicies { get; init; }

    public required IReadOnlyList<SeededBucket> Buckets { get; init; }
}

/// <param name="Objects">Key to content.</param>
internal sealed record SeededBucket(string Name, IReadOnlyDictionary<string, string> Objects);
