namespace Orchestrator.AwsSimulator.Configuration;

/// <summary>What this simulator accepts although AWS does not, so that everything can run on one machine.</summary>
internal sealed record Relaxations
{
    /// <summary>Issuers may be <c>http://</c>.</summary>
    public bool AllowHttpIssuer { get; init; } = true;

    /// <summary>Issuers may name a port.</summary>
    public bool AllowPortInIssuer { get; init; } = true;
}
