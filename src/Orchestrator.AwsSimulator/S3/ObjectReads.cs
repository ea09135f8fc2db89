using System.Globalization;
using System.Net.Http.Headers;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>GET and HEAD of an object, with conditions and a range.</summary>
internal static class ObjectReads
{
    public static Checked<AwsResponse> Read(AwsCall call, StoredObject found)
    {
        if (call.Header("If-Match") is { } wanted && !Names(wanted, found))
        {
            return S3Errors.PreconditionFailed("If-Match", wanted);
        }

        var headers = Describe(found);
        if (call.Header("If-None-Match") is { } known && Names(known, found))
        {
            return new AwsResponse(304) { Headers = headers };
        }

        if (Range(call.Header("Range"), found.Content.Length) is not { } range)
        {
            if (string.Equals(call.Header("x-amz-checksum-mode"), "ENABLED", StringComparison.OrdinalIgnoreCase))
            {
                foreach (var (name, value) in found.Checksums)
                {
                    headers[name] = value;
                }
            }

            return new AwsResponse(200) { Headers = headers, Body = found.Content, ContentLength = found.Content.Length };
        }

        if (range.Length <= 0)
        {
            return S3Errors.InvalidRange(call.Header("Range"));
        }

        headers["Content-Range"] = $"bytes {range.From}-{range.From + range.Length - 1}/{found.Content.Length}";
        return new AwsResponse(206)
        {
            Headers = headers,
            Body = found.Content.AsMemory(range.From, range.Length),
            ContentLength = range.Length,
        };
    }

    private static Dictionary<string, string> Describe(StoredObject found) => new(found.Headers)
    {
        ["ETag"] = found.ETag,
        ["Last-Modified"] = found.LastModified.ToString("R", CultureInfo.InvariantCulture),
        ["Accept-Ranges"] = "bytes",
    };

    private static bool Names(string condition, StoredObject found) =>
        condition.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag == "*" || tag.Trim('"') == found.ETag.Trim('"'));

    /// <returns>Null for the whole object: no range, several ranges or another unit. S3 ignores those it does not
    /// understand. A length of zero means that nothing of the object is in the range.</returns>
    private static (int From, int Length)? Range(string? header, int size)
    {
        if (header is null
            || !RangeHeaderValue.TryParse(header, out var parsed)
            || parsed.Unit != "bytes"
            || parsed.Ranges.Count != 1)
        {
            return null;
        }

        var range = parsed.Ranges.Single();
        if (range.From is not { } from)
        {
            var last = (int)Math.Min(range.To ?? 0, size);
            return (size - last, last);
        }

        return from >= size ? (0, 0) : ((int)from, (int)(Math.Min(range.To ?? size - 1, size - 1) - from + 1));
    }
}
