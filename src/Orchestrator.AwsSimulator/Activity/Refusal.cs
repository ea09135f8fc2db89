using Orchestrator.AwsPolicies;

namespace Orchestrator.AwsSimulator.Activity;

/// <summary>What the caller is told: AWS's code, HTTP status and text.</summary>
internal sealed record AwsError(string Code, int Status, string Message);

/// <summary>A call that is turned down: the answer for the caller, and the reason for the person who wonders.</summary>
/// <param name="Check">The check that failed, in a few words.</param>
internal sealed record Refusal(AwsError Error, string Check)
{
    public IReadOnlyList<Comparison> Comparisons { get; init; } = [];

    public IReadOnlyList<PolicyFinding> Policies { get; init; } = [];
}

/// <summary>One value that was looked at.</summary>
/// <param name="Expected">What would have passed.</param>
/// <param name="Actual">What came; null when nothing did.</param>
public sealed record Comparison(string What, string? Expected, string? Actual);
