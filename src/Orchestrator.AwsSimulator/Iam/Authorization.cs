using Orchestrator.AwsPolicies;

namespace Orchestrator.AwsSimulator.Iam;

internal enum Decision
{
    Allowed,

    /// <summary>Some policy says Deny.</summary>
    ExplicitlyDenied,

    /// <summary>Nothing attached to the role allows it.</summary>
    NotAllowedByRole,

    /// <summary>The role may, but the policies given when the session was made do not include it.</summary>
    NotAllowedBySession,
}

internal sealed record AuthorizationResult(Decision Decision, IReadOnlyList<PolicyFinding> Findings);

/// <summary>What a session may do: what its role allows and its session policies, if any, allow as well.</summary>
internal static class Authorization
{
    public static AuthorizationResult Decide(
        IReadOnlyList<PolicyDocument> rolePolicies, IReadOnlyList<PolicyDocument> sessionPolicies, AuthorizationRequest request)
    {
        var role = rolePolicies.Select(policy => PolicyEvaluator.Evaluate(policy, request)).ToList();
        var session = sessionPolicies.Select(policy => PolicyEvaluator.Evaluate(policy, request)).ToList();
        var decision = (role, session) switch
        {
            _ when role.Concat(session).Any(verdict => verdict.Denies) => Decision.ExplicitlyDenied,
            _ when !role.Exists(verdict => verdict.Allows) => Decision.NotAllowedByRole,
            _ when session.Count > 0 && !session.Exists(verdict => verdict.Allows) => Decision.NotAllowedBySession,
            _ => Decision.Allowed,
        };
        return new AuthorizationResult(decision, [.. role.Concat(session).Select(verdict => verdict.Finding)]);
    }
}
