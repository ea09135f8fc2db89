using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>The bucket and object a request is about.</summary>
/// <param name="Bucket">Empty for a request about the service itself.</param>
/// <param name="Key">Empty for a request about the bucket.</param>
internal sealed record S3Target(string Bucket, string Key)
{
    // *.localhost leads to this machine without any set-up, so buckets can be host names as at AWS.
    private static readonly string[] HostSuffixes = [".s3.localhost", ".localhost", ".127.0.0.1"];

    public string Arn => Key.Length > 0 ? $"arn:aws:s3:::{Bucket}/{Key}" : $"arn:aws:s3:::{Bucket}";

    public static S3Target Of(AwsCall call)
    {
        var path = call.RawPath[1..];
        if (BucketInHost(call.Host) is { } bucket)
        {
            return new S3Target(bucket, Uri.UnescapeDataString(path));
        }

        var slash = path.IndexOf('/');
        return slash < 0
            ? new S3Target(Uri.UnescapeDataString(path), "")
            : new S3Target(Uri.UnescapeDataString(path[..slash]), Uri.UnescapeDataString(path[(slash + 1)..]));
    }

    private static string? BucketInHost(string host)
    {
        var name = new HostString(host).Host;
        var suffix = Array.Find(HostSuffixes, known => name.EndsWith(known, StringComparison.OrdinalIgnoreCase));
        var bucket = suffix is null ? "" : name[..^suffix.Length];
        return bucket is "" or "s3" or "sts" ? null : bucket;
    }
}
