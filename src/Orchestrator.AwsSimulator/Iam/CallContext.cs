using System.Globalization;
using Orchestrator.AwsPolicies;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Sessions;

namespace Orchestrator.AwsSimulator.Iam;

/// <summary>The condition keys every request has.</summary>
internal static class CallContext
{
    public static RequestContext Of(AwsCall call, DateTimeOffset now) => new RequestContext()
        .Set("aws:SourceIp", call.RemoteAddress)
        .Set("aws:SecureTransport", call.IsHttps ? "true" : "false")
        .Set("aws:UserAgent", call.Header("User-Agent"))
        .Set("aws:CurrentTime", AwsTime.Seconds(now))
        .Set("aws:EpochTime", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));

    /// <summary>And those of a caller with a session.</summary>
    public static RequestContext Of(AwsCall call, Session session, string region, DateTimeOffset now)
    {
        var identity = session.Identity;
        var host = identity.Provider.Host;
        var context = Of(call, now)
            .Set("aws:PrincipalArn", session.Role.Arn)
            .Set("aws:PrincipalAccount", session.Role.AccountId)
            .Set("aws:PrincipalType", "AssumedRole")
            .Set("aws:userid", session.UserId)
            .Set("aws:FederatedProvider", identity.Provider.Arn)
            .Set("aws:SourceIdentity", identity.SourceIdentity)
            .Set("aws:RequestedRegion", region)
            .Set("aws:TokenIssueTime", AwsTime.Seconds(session.IssuedAt))
            .Set($"{host}:aud", identity.Audience)
            .Set($"{host}:sub", identity.Subject)
            .Set($"{host}:amr", [.. identity.AuthenticationMethods]);
        // A session's tag takes the place of an equal one of its role.
        foreach (var (key, value) in session.Role.Tags.Concat(identity.Tags.Values))
        {
            context.Set($"aws:PrincipalTag/{key}", value);
        }

        return context;
    }
}
