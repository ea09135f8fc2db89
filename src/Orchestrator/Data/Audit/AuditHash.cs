using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Data.Audit;

/// <summary>The bytes of an entry that its hash covers, and the hash.</summary>
/// <remarks>SHA-256 of the hash before and then each part in a fixed order: its length as four bytes, big-endian, and its UTF-8 bytes;
/// minus one as the length of what is null. Numbers are their decimal text, the time is in milliseconds since 1970. Whoever has an export
/// can so compute every hash without this program.</remarks>
public static class AuditHash
{
    /// <summary>Stands before the first entry.</summary>
    public static readonly byte[] Genesis = new byte[SHA256.HashSizeInBytes];

    private const string Version = "1";

    public static byte[] Of(AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(entry.PreviousHash);
        foreach (var part in PartsOf(entry))
        {
            Append(hash, part);
        }
        return hash.GetHashAndReset();
    }

    private static string?[] PartsOf(AuditEntry entry) =>
    [
        Version, Number(entry.Sequence), entry.Id.Value, Number(entry.At.ToUnixTimeMilliseconds()), EnumText.Of(entry.ActorKind), entry.ActorId,
        entry.ActorName, entry.TokenId?.Value, entry.Via, entry.OrganizationId?.Value, entry.WorkspaceId?.Value, entry.Action,
        entry.ResourceType, entry.ResourceId, EnumText.Of(entry.Outcome), entry.Route, entry.Status is { } status ? Number(status) : null,
        entry.Address, entry.UserAgent, entry.RequestId, entry.Detail,
    ];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Append(IncrementalHash hash, string? part)
    {
        var bytes = part is null ? [] : Encoding.UTF8.GetBytes(part);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part is null ? -1 : bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
