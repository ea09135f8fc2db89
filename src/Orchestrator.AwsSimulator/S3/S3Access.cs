using Orchestrator.AwsPolicies;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Iam;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>Asks a caller's policies about an operation.</summary>
internal sealed class S3Access(BucketStore buckets)
{
    /// <returns>Null when the caller may.</returns>
    public Refusal? Check(string action, S3Target target, AwsCall call, SignedCaller caller, DateTimeOffset now)
    {
        var session = caller.Session;
        var bucket = buckets.Find(target.Bucket);
        var context = CallContext.Of(call, session, caller.Region, now)
            .Set("aws:ResourceAccount", bucket?.AccountId)
            .Set("s3:ResourceAccount", bucket?.AccountId)
            .Set("s3:authType", "REST-HEADER")
            .Set("s3:signatureversion", AuthorizationHeader.Algorithm)
            .Set("s3:prefix", call.QueryValue("prefix"))
            .Set("s3:delimiter", call.QueryValue("delimiter"))
            .Set("s3:max-keys", call.QueryValue("max-keys"))
            .Set("s3:if-none-match", call.Header("If-None-Match"))
            .Set("s3:x-amz-server-side-encryption", call.Header("x-amz-server-side-encryption"));

        var result = Authorization.Decide(
            session.Role.Permissions, session.Policies, new AuthorizationRequest(action, target.Arn, null, context));
        if (result.Decision != Decision.Allowed)
        {
            var reason = result.Decision switch
            {
                Decision.ExplicitlyDenied => "with an explicit deny in an identity-based policy",
                Decision.NotAllowedBySession => $"because no session policy allows the {action} action",
                _ => $"because no identity-based policy allows the {action} action",
            };
            return S3Errors.AccessDenied(
                $"User: {session.Arn} is not authorized to perform: {action} on resource: \"{target.Arn}\" {reason}",
                result.Decision switch
                {
                    Decision.ExplicitlyDenied => "permissions: a statement denies it",
                    Decision.NotAllowedBySession => "permissions: the session's own policies do not allow it",
                    _ => "permissions: no policy of the role allows it",
                }) with
            { Policies = result.Findings };
        }

        // Between accounts the bucket's owner has to agree as well, in a bucket policy, and there are none here.
        return bucket is not null && bucket.AccountId != session.Role.AccountId
            ? S3Errors.AccessDenied("Access Denied", "bucket of another account") with
            {
                Comparisons = [new Comparison("account of the bucket", session.Role.AccountId, bucket.AccountId)],
            }
            : null;
    }
}
