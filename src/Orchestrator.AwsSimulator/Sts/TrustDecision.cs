using System.Globalization;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Iam;
using Orchestrator.AwsSimulator.Oidc;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>Asks a role's trust policy about a verified token.</summary>
internal static class TrustDecision
{
    private const string AssumeRole = "sts:AssumeRoleWithWebIdentity";

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
        var context = Context(token, request, tags, sourceIdentity, call, now);
        List<PolicyFinding> findings = [];
        foreach (var action in Actions(tags, sourceIdentity))
        {
            var verdict = PolicyEvaluator.Evaluate(
                role.TrustPolicy, new AuthorizationRequest(action, Resource: null, token.Provider.Arn, context));
            findings.Add(verdict.Finding);
            if (verdict.Denies || !verdict.Allows)
            {
                var check = verdict.Denies ? "trust policy: a statement denies it" : "trust policy: no statement allows it";
                return StsErrors.AccessDenied(action, check) with { Policies = findings };
            }
        }

        return null;
    }

    private static IEnumerable<string> Actions(SessionTags tags, string? sourceIdentity)
    {
        yield return AssumeRole;
        if (tags.Any)
        {
            yield return "sts:TagSession";
        }

        if (sourceIdentity is not null)
        {
            yield return "sts:SetSourceIdentity";
        }
    }

    private static RequestContext Context(
        VerifiedToken token,
        AssumeRoleRequest request,
        SessionTags tags,
        string? sourceIdentity,
        AwsCall call,
        DateTimeOffset now)
    {
        var host = token.Provider.Host;
        var context = CallContext.Of(call, now)
            .Set($"{host}:aud", token.Audience)
            .Set($"{host}:oaud", [.. token.Claims.Audience])
            .Set($"{host}:sub", token.Subject)
            .Set($"{host}:amr", [.. token.Claims.Texts("amr")])
            .Set($"{host}:email", token.Claims.Text("email"))
            .Set("aws:FederatedProvider", token.Provider.Arn)
            .Set("sts:RoleSessionName", request.SessionName)
            .Set("sts:SourceIdentity", sourceIdentity)
            .Set("sts:TransitiveTagKeys", [.. tags.TransitiveKeys])
            .Set("sts:DurationSeconds", request.Duration?.TotalSeconds.ToString(CultureInfo.InvariantCulture))
            .Set("aws:TagKeys", [.. tags.Values.Keys]);
        foreach (var (key, value) in tags.Values)
        {
            context.Set($"aws:RequestTag/{key}", value);
        }

        return context;
    }
}
