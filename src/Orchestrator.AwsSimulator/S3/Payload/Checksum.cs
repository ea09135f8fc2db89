using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Orchestrator.AwsSimulator.S3.Payload;

/// <summary>The checksums a client may send with an upload, by header name; values are base64.</summary>
internal static class Checksum
{
    public const string ContentMd5 = "Content-MD5";

    private static readonly CyclicRedundancyCheck Crc32 = new(0xEDB88320, bits: 32);
    private static readonly CyclicRedundancyCheck Crc32C = new(0x82F63B78, bits: 32);
    private static readonly CyclicRedundancyCheck Crc64Nvme = new(0x9A6C9329AC4BC9B5, bits: 64);

#pragma warning disable CA5350, CA5351 // The protocol offers these to detect accidents, not attacks.
    public static readonly IReadOnlyDictionary<string, Func<byte[], string>> Known = new Dictionary<string, Func<byte[], string>>
    {
        ["x-amz-checksum-sha256"] = content => Convert.ToBase64String(SHA256.HashData(content)),
        ["x-amz-checksum-sha1"] = content => Convert.ToBase64String(SHA1.HashData(content)),
        ["x-amz-checksum-crc32"] = content => Base64((uint)Crc32.Compute(content)),
        ["x-amz-checksum-crc32c"] = content => Base64((uint)Crc32C.Compute(content)),
        ["x-amz-checksum-crc64nvme"] = content => Base64(Crc64Nvme.Compute(content)),
        [ContentMd5] = content => Convert.ToBase64String(MD5.HashData(content)),
    };
#pragma warning restore CA5350, CA5351

    private static string Base64(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Convert.ToBase64String(bytes);
    }

    private static string Base64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Convert.ToBase64String(bytes);
    }
}
