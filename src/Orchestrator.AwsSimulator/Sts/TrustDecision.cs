using Orchestrator.AwsPolicies;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Iam;
using Orchestrator.AwsSimulator.Oidc;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>Asks a role's trust policy about a verified token.</summary>
internal static class TrustDecision
{
    /// <returns>Null when the role trusts the token; otherwise the first action that is not allowed.</returns>
    public static Refusal? Check(
        Role role,
        VerifiedToken token,
        AssumeRoleRequest request,
        SessionTags tags,
        string? sourceIdentity,
        AwsCall call,
        DateTimeOffset now)
    {
        var verdicts = TrustEvaluator.Evaluate(
            role.TrustPolicy, Identity(token, request, tags, sourceIdentity), CallContext.Of(call, now));
        if (verdicts.FirstOrDefault(verdict => !verdict.Allowed) is not { } refused)
        {
            return null;
        }

        var check = refused.Policy.Denies ? "trust policy: a statement denies it" : "trust policy: no statement allows it";
        return StsErrors.AccessDenied(refused.Action, check) with
        {
            Policies = [.. verdicts.Select(verdict => verdict.Policy.Finding)],
        };
    }

    private static WebIdentity Identity(
        VerifiedToken token, AssumeRoleRequest request, SessionTags tags, string? sourceIdentity) => new()
    {
        ProviderArn = token.Provider.Arn,
        ProviderHost = token.Provider.Host,
        Subject = token.Subject,
        Audience = token.Audience,
        OriginalAudience = token.Claims.Audience,
        AuthenticationMethods = token.Claims.Texts("amr"),
        Email = token.Claims.Text("email"),
        SessionName = request.SessionName,
        SourceIdentity = sourceIdentity,
        Duration = request.Duration,
        Tags = tags.Values,
        TransitiveTagKeys = tags.TransitiveKeys,
    };
}
