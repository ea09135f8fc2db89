using System.Globalization;
using System.Xml.Linq;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Configuration;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Iam;
using Orchestrator.AwsSimulator.Oidc;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>
/// The exchange of a token for a session. AWS does not document the order of its checks; this one goes from what costs
/// least to what reveals most: parameters, token, role, duration, session policies.
/// </summary>
internal sealed class AssumeRoleWithWebIdentity(
    SimulatorConfiguration configuration, TokenVerifier tokens, SessionStore sessions, FaultInjection faults, TimeProvider clock)
{
    private const string Action = "AssumeRoleWithWebIdentity";

    private static readonly TimeSpan DefaultDuration = TimeSpan.FromHours(1);

    public async Task<Checked<AwsResponse>> ExecuteAsync(
        AssumeRoleRequest request, AwsCall call, CallRecord record, CancellationToken cancellationToken)
    {
        Describe(request, record);
        if (faults.Next(request.AccountId) is { } injected)
        {
            return injected;
        }

        if (!CompactToken.Parse(request.Token).Passed(out var token, out var refusal))
        {
            return refusal;
        }

        Describe(token, record);
        var account = configuration.Accounts.FirstOrDefault(known => known.Id == request.AccountId);
        if (!(await tokens.VerifyAsync(token, request.AccountId, account?.OidcProviders ?? [], cancellationToken))
            .Passed(out var verified, out refusal))
        {
            return refusal;
        }

        record.Identity = verified.AuditIdentity(request.AccountId);
        if (!TokenTags.Read(verified.Claims).Passed(out var tags, out refusal)
            || !TokenTags.ReadSourceIdentity(verified.Claims).Passed(out var source, out refusal))
        {
            return refusal;
        }

        var sourceIdentity = source.Length > 0 ? source : null;
        if (account!.Roles.FirstOrDefault(known => known.Path + known.Name == request.RoleName) is not { } role)
        {
            return StsErrors.AccessDenied("sts:AssumeRoleWithWebIdentity", "role") with
            {
                Comparisons = [new Comparison($"role in account {account.Id}", "exists", request.RoleArn)],
            };
        }

        if (TrustDecision.Check(role, verified, request, tags, sourceIdentity, call, clock.GetUtcNow()) is { } distrusted)
        {
            return distrusted;
        }

        if (request.Duration > role.MaxSessionDuration)
        {
            return StsErrors.Validation(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                "durationSeconds",
                $"at most {role.MaxSessionDuration.TotalSeconds}",
                $"{request.Duration?.TotalSeconds}");
        }

        if (!SessionPolicies.Read(request, account, tags).Passed(out var policies, out refusal))
        {
            return refusal;
        }

        var session = sessions.Issue(
            role,
            request.SessionName,
            request.Duration ?? DefaultDuration,
            configuration.Faults.ExpireSessionsAfter,
            policies.Documents,
            new SessionIdentity
            {
                Provider = verified.Provider,
                Audience = verified.Audience,
                Subject = verified.Subject,
                AuthenticationMethods = verified.Claims.Texts("amr"),
                Tags = tags,
                SourceIdentity = sourceIdentity,
            });
        return Answer(session, policies, call, record);
    }

    private static void Describe(AssumeRoleRequest request, CallRecord record)
    {
        record.Parameters["roleArn"] = request.RoleArn;
        record.Parameters["roleSessionName"] = request.SessionName;
        record.Parameters["durationSeconds"] = request.Duration?.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        record.Parameters["policy"] = request.Policy;
        record.Parameters["policyArns"] = request.PolicyArns.Count > 0 ? string.Join(", ", request.PolicyArns) : null;
    }

    /// <summary>Claims are recorded before they are verified: a refused token is the one people ask about.</summary>
    private static void Describe(CompactToken token, CallRecord record)
    {
        record.Token["alg"] = token.Algorithm.Name;
        record.Token["kid"] = token.KeyId;
        record.Token["iss"] = token.Claims.Issuer;
        record.Token["sub"] = token.Claims.Subject;
        record.Token["aud"] = string.Join(", ", token.Claims.EffectiveAudience);
        record.Token["jti"] = token.Claims.Text("jti");
    }

    private static AwsResponse Answer(Session session, SessionPolicies policies, AwsCall call, CallRecord record)
    {
        var expiration = AwsTime.Seconds(session.ExpiresAt);
        record.Response["accessKeyId"] = session.AccessKeyId;
        record.Response["expiration"] = expiration;
        record.Response["assumedRoleArn"] = session.Arn;
        record.Response["assumedRoleId"] = session.UserId;
        record.Response["sourceIdentity"] = session.Identity.SourceIdentity;
        record.Response["principalTags"] = session.Identity.Tags.Values.Count > 0
            ? string.Join(", ", session.Identity.Tags.Values.Select(tag => $"{tag.Key}={tag.Value}"))
            : null;

        return StsXml.Success(
            Action,
            call.RequestId,
            StsXml.Member("SubjectFromWebIdentityToken", session.Identity.Subject),
            StsXml.Member("Audience", session.Identity.Audience),
            StsXml.Member("Provider", session.Identity.Provider.Url),
            StsXml.Optional("SourceIdentity", session.Identity.SourceIdentity),
            StsXml.Optional("PackedPolicySize", policies.PackedPercent),
            new XElement(
                StsXml.Namespace + "AssumedRoleUser",
                StsXml.Member("AssumedRoleId", session.UserId),
                StsXml.Member("Arn", session.Arn)),
            new XElement(
                StsXml.Namespace + "Credentials",
                StsXml.Member("AccessKeyId", session.AccessKeyId),
                StsXml.Member("SecretAccessKey", session.SecretAccessKey),
                StsXml.Member("SessionToken", session.SessionToken),
                StsXml.Member("Expiration", expiration)));
    }
}
