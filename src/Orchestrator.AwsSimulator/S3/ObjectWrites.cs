using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>PUT, with the conditions terraform's lock file is made of, and DELETE.</summary>
internal static class ObjectWrites
{
    private static readonly string[] KeptHeaders =
        ["Content-Type", "Cache-Control", "Content-Disposition", "Content-Language", "x-amz-server-side-encryption"];

    public static Checked<AwsResponse> Put(S3Request request, Bucket bucket)
    {
        var ifNoneMatch = request.Call.Header("If-None-Match");
        if (ifNoneMatch is not (null or "*"))
        {
            return S3Errors.NotImplemented("PUT with If-None-Match other than *");
        }

        var ifMatch = request.Call.Header("If-Match")?.Trim('"');
        var content = new StoredObject(request.Body.Content, request.Now, Kept(request.Call), request.Body.Checksums);
        var stored = bucket.TryPut(request.Target.Key, content, present =>
            (ifNoneMatch is null || present is null) && (ifMatch is null || present?.ETag.Trim('"') == ifMatch));
        if (!stored)
        {
            return ifMatch is not null && bucket.Find(request.Target.Key) is null
                ? S3Errors.NoSuchKey(request.Target.Key)
                : S3Errors.PreconditionFailed(ifMatch is null ? "If-None-Match" : "If-Match", ifNoneMatch ?? ifMatch);
        }

        var headers = new Dictionary<string, string>(request.Body.Checksums) { ["ETag"] = content.ETag };
        if (content.Headers.TryGetValue("x-amz-server-side-encryption", out var encryption))
        {
            headers["x-amz-server-side-encryption"] = encryption;
        }

        return new AwsResponse(200) { Headers = headers };
    }

    public static Checked<AwsResponse> Delete(S3Request request, Bucket bucket)
    {
        bucket.Delete(request.Target.Key);
        return new AwsResponse(204);
    }

    private static Dictionary<string, string> Kept(AwsCall call)
    {
        var kept = call.Headers
            .Where(header => KeptHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase)
                || header.Key.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        kept.TryAdd("Content-Type", "binary/octet-stream");

        // "aws-chunked" describes the upload, not the object.
        var encodings = (call.Header("Content-Encoding") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(encoding => encoding != "aws-chunked")
            .ToList();
        if (encodings.Count > 0)
        {
            kept["Content-Encoding"] = string.Join(", ", encodings);
        }

        return kept;
    }
}
