using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Http;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>ListObjectsV2: prefix, delimiter, pages.</summary>
internal static class ObjectListing
{
    private const int LargestPage = 1000;

    private static readonly XNamespace Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    public static Checked<AwsResponse> List(S3Request request, Bucket bucket)
    {
        var call = request.Call;
        var limit = call.QueryValue("max-keys") ?? $"{LargestPage}";
        if (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var most))
        {
            return S3Errors.InvalidArgument("Provided max-keys not an integer or within integer range", "max-keys", limit);
        }

        var token = call.QueryValue("continuation-token");
        if (DecodeToken(token) is not { } after)
        {
            return S3Errors.InvalidArgument("The continuation token provided is incorrect", "continuation-token", token);
        }

        var prefix = call.QueryValue("prefix") ?? "";
        var delimiter = call.QueryValue("delimiter") ?? "";
        var startAfter = call.QueryValue("start-after") ?? "";
        var entries = bucket.List(prefix)
            .Where(entry => string.CompareOrdinal(entry.Key, startAfter) > 0 || startAfter.Length == 0)
            .Select(entry => GroupOf(entry.Key, prefix, delimiter) is { } group
                ? new Entry(group, IsGroup: true, entry.Value)
                : new Entry(entry.Key, IsGroup: false, entry.Value))
            .DistinctBy(entry => entry.Name)
            .Where(entry => after.Length == 0 || string.CompareOrdinal(entry.Name, after) > 0)
            .ToList();
        var page = entries.Take(Math.Min(most, LargestPage)).ToList();
        return Answer(call, bucket.Name, most, page, truncated: page.Count < entries.Count && page.Count > 0);
    }

    private static AwsResponse Answer(AwsCall call, string bucket, int most, List<Entry> page, bool truncated)
    {
        var encodes = call.QueryValue("encoding-type") == "url";
        return AwsResponse.Xml(200, new XElement(
            Namespace + "ListBucketResult",
            Member("Name", bucket),
            Member("Prefix", Encoded(call.QueryValue("prefix") ?? "")),
            Optional("Delimiter", call.QueryValue("delimiter")),
            Optional("StartAfter", call.QueryValue("start-after")),
            encodes ? Member("EncodingType", "url") : null,
            Member("MaxKeys", most),
            Member("KeyCount", page.Count),
            Member("IsTruncated", truncated ? "true" : "false"),
            Optional("ContinuationToken", call.QueryValue("continuation-token"), plain: true),
            truncated ? Member("NextContinuationToken", Base64Url.EncodeToString(Encoding.UTF8.GetBytes(page[^1].Name))) : null,
            page.Where(entry => !entry.IsGroup).Select(entry => new XElement(
                Namespace + "Contents",
                Member("Key", Encoded(entry.Name)),
                Member("LastModified", AwsTime.Milliseconds(entry.Object.LastModified)),
                Member("ETag", entry.Object.ETag),
                Member("Size", entry.Object.Content.Length),
                Member("StorageClass", "STANDARD"))),
            page.Where(entry => entry.IsGroup).Select(entry => new XElement(
                Namespace + "CommonPrefixes", Member("Prefix", Encoded(entry.Name))))));

        string Encoded(string text) => encodes ? Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal) : text;

        XElement? Optional(string name, string? value, bool plain = false) =>
            value is null ? null : Member(name, plain ? value : Encoded(value));
    }

    private static XElement Member(string name, object value) => new(Namespace + name, value);

    /// <summary>The part up to the delimiter that stands for all keys that share it; null for a key without.</summary>
    private static string? GroupOf(string key, string prefix, string delimiter)
    {
        var end = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return end < 0 ? null : key[..(end + delimiter.Length)];
    }

    private static string? DecodeToken(string? token)
    {
        try
        {
            return token is null ? "" : Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private sealed record Entry(string Name, bool IsGroup, StoredObject Object);
}
