using System.Text.RegularExpressions;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.S3;

internal static partial class BucketOperations
{
    public static Checked<AwsResponse> Head(S3Request request) => new AwsResponse(200)
    {
        Headers = new Dictionary<string, string> { ["x-amz-bucket-region"] = request.Caller.Region },
        ContentLength = 0,
    };

    public static Checked<AwsResponse> Create(S3Request request, BucketStore buckets)
    {
        var name = request.Target.Bucket;
        if (!Name().IsMatch(name))
        {
            return S3Errors.InvalidBucketName(name);
        }

        var account = request.Caller.Session.Role.AccountId;
        var (bucket, created) = buckets.Create(name, account);
        return created
            ? new AwsResponse(200) { Headers = new Dictionary<string, string> { ["Location"] = $"/{name}" } }
            : S3Errors.BucketTaken(byCaller: bucket.AccountId == account);
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex Name();
}
