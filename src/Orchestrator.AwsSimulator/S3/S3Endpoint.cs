using System.Text;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.S3.Payload;
using Orchestrator.AwsSimulator.Signing;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>The part of S3 that terraform and simple clients need. A body is read only for a caller who may send it.</summary>
internal sealed class S3Endpoint(
    SignatureVerifier signatures, S3Access access, BucketStore buckets, BodyReader bodies, TimeProvider clock)
{
    private const int LongestKeyBytes = 1024;

    public async Task<Checked<AwsResponse>> HandleAsync(AwsCall call, CallRecord record, CancellationToken cancellationToken)
    {
        var target = S3Target.Of(call);
        record.Parameters["bucketName"] = target.Bucket.Length > 0 ? target.Bucket : null;
        record.Parameters["key"] = target.Key.Length > 0 ? target.Key : null;
        var operation = S3Operation.Of(call, target);
        record.Operation = operation?.Name ?? call.Method;

        if (call.Header("Authorization") is not null && call.Header("x-amz-content-sha256") is null)
        {
            return S3Errors.InvalidRequest("Missing required header for this request: x-amz-content-sha256");
        }

        var payloadHash = call.Header("x-amz-content-sha256") ?? "";
        record.Parameters["payload"] = payloadHash.Contains('-') ? payloadHash : null;
        if (!signatures.Verify(call, S3Errors.Service, payloadHash).Passed(out var caller, out var refusal))
        {
            return refusal;
        }

        record.Identity = caller.Session.AuditIdentity;
        record.Region = caller.Region;
        if (operation is null)
        {
            var parameters = string.Join(", ", call.Query.Keys);
            return S3Errors.NotImplemented($"{call.Method} {call.RawPath} with query parameters {parameters}");
        }

        if (Encoding.UTF8.GetByteCount(target.Key) > LongestKeyBytes)
        {
            return S3Errors.KeyTooLong();
        }

        var now = clock.GetUtcNow();
        if (access.Check(operation.Action, target, call, caller, now) is { } denied)
        {
            return denied;
        }

        if (!(await bodies.ReadAsync(call, caller, cancellationToken)).Passed(out var body, out refusal))
        {
            return refusal;
        }

        return Execute(operation, new S3Request(call, target, caller, body, now));
    }

    private Checked<AwsResponse> Execute(S3Operation operation, S3Request request)
    {
        if (operation == S3Operation.CreateBucket)
        {
            return BucketOperations.Create(request, buckets);
        }

        if (buckets.Find(request.Target.Bucket) is not { } bucket)
        {
            return S3Errors.NoSuchBucket(request.Target.Bucket);
        }

        if (operation == S3Operation.PutObject)
        {
            return ObjectWrites.Put(request, bucket);
        }

        if (operation == S3Operation.DeleteObject)
        {
            return ObjectWrites.Delete(request, bucket);
        }

        if (operation == S3Operation.ListObjects)
        {
            return ObjectListing.List(request, bucket);
        }

        return operation == S3Operation.HeadBucket ? BucketOperations.Head(request) : Read(request, bucket);
    }

    private Checked<AwsResponse> Read(S3Request request, Bucket bucket)
    {
        if (bucket.Find(request.Target.Key) is { } found)
        {
            return ObjectReads.Read(request.Call, found);
        }

        // Who may not list must not learn which keys exist.
        var asBucket = request.Target with { Key = "" };
        return access.Check("s3:ListBucket", asBucket, request.Call, request.Caller, request.Now)
            ?? S3Errors.NoSuchKey(request.Target.Key);
    }
}
