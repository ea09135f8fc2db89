using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.AwsSimulator.S3;

/// <param name="Headers">Kept from the upload and given back on reads: content type, metadata and the like.</param>
/// <param name="Checksums">Header name to value, verified at upload; given back to readers who ask.</param>
internal sealed record StoredObject(
    byte[] Content,
    DateTimeOffset LastModified,
    IReadOnlyDictionary<string, string> Headers,
    IReadOnlyDictionary<string, string> Checksums)
{
    public string ETag { get; } = $"\"{Md5(Content)}\"";

    public static StoredObject Seeded(string content, DateTimeOffset now) => new(
        Encoding.UTF8.GetBytes(content),
        now,
        new Dictionary<string, string> { ["Content-Type"] = "binary/octet-stream" },
        new Dictionary<string, string>());

#pragma warning disable CA5351 // S3 defines the entity tag as an MD5; nothing here relies on its strength.
    private static string Md5(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
}
