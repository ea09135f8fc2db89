using Orchestrator.AwsPolicies;

namespace Orchestrator.AwsSimulator.Activity;

/// <summary>Why a call was refused, in more detail than AWS would give.</summary>
/// <param name="Operation">E.g. <c>sts:AssumeRoleWithWebIdentity</c>.</param>
/// <param name="Code">The error code the caller got.</param>
/// <param name="Message">The text the caller got.</param>
/// <param name="Check">The check that failed, in a few words.</param>
/// <param name="Comparisons">Values that were looked at. Never a token, key or secret.</param>
/// <param name="Policies">For refusals by policy: every statement and condition with expected and actual values.</param>
public sealed record Explanation(
    DateTimeOffset At,
    string RequestId,
    string Operation,
    string Code,
    string Message,
    string Check,
    IReadOnlyList<Comparison> Comparisons,
    IReadOnlyList<PolicyFinding> Policies);
