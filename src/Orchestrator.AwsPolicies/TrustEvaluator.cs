using System.Globalization;

namespace Orchestrator.AwsPolicies;

/// <summary>What a trust policy says about one action a token needs.</summary>
public sealed record TrustVerdict(string Action, PolicyVerdict Policy)
{
    public bool Allowed => Policy is { Allows: true, Denies: false };
}

/// <summary>Asks a role's trust policy about a verified token.</summary>
public static class TrustEvaluator
{
    public const string AssumeRole = "sts:AssumeRoleWithWebIdentity";
    public const string TagSession = "sts:TagSession";
    public const string SetSourceIdentity = "sts:SetSourceIdentity";

    /// <param name="surroundings">The condition keys that do not come from the token, such as <c>aws:SourceIp</c>.</param>
    /// <returns>One verdict for each action the token needs; the call succeeds when all of them are allowed.</returns>
    public static IReadOnlyList<TrustVerdict> Evaluate(PolicyDocument trustPolicy, WebIdentity identity, RequestContext surroundings)
    {
        var context = Add(identity, surroundings);
        return
        [
            .. Actions(identity).Select(action => new TrustVerdict(
                action,
                PolicyEvaluator.Evaluate(
                    trustPolicy, new AuthorizationRequest(action, Resource: null, identity.ProviderArn, context)))),
        ];
    }

    private static IEnumerable<string> Actions(WebIdentity identity)
    {
        yield return AssumeRole;
        if (identity.Tags.Count > 0 || identity.TransitiveTagKeys.Count > 0)
        {
            yield return TagSession;
        }

        if (identity.SourceIdentity is not null)
        {
            yield return SetSourceIdentity;
        }
    }

    private static RequestContext Add(WebIdentity identity, RequestContext context)
    {
        var host = identity.ProviderHost;
        context
            .Set($"{host}:aud", identity.Audience)
            .Set($"{host}:oaud", [.. identity.OriginalAudience])
            .Set($"{host}:sub", identity.Subject)
            .Set($"{host}:amr", [.. identity.AuthenticationMethods])
            .Set($"{host}:email", identity.Email)
            .Set("aws:FederatedProvider", identity.ProviderArn)
            .Set("sts:RoleSessionName", identity.SessionName)
            .Set("sts:SourceIdentity", identity.SourceIdentity)
            .Set("sts:TransitiveTagKeys", [.. identity.TransitiveTagKeys])
            .Set("sts:DurationSeconds", identity.Duration?.TotalSeconds.ToString(CultureInfo.InvariantCulture))
            .Set("aws:TagKeys", [.. identity.Tags.Keys]);
        foreach (var (key, value) in identity.Tags)
        {
            context.Set($"aws:RequestTag/{key}", value);
        }

        return context;
    }
}
