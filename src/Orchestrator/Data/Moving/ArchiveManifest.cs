using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Data.Moving;

/// <summary>What an archive holds. It stands behind everything else in it, because it names the checksums.</summary>
/// <param name="Format">Of the archive itself: <see cref="Current"/>, or of another version of this program.</param>
/// <param name="Program">The version that wrote it.</param>
/// <param name="Provider">The database that it was read from.</param>
/// <param name="Migration">The last one of that database. The two databases give the same name to different ids.</param>
/// <param name="Keys">How the key ring is in it.</param>
/// <param name="KeyIds">The keys of the ring that have encrypted something in it.</param>
/// <param name="Entries">In their order.</param>
public sealed record ArchiveManifest(
    int Format, string Program, DatabaseProvider Provider, string Migration, DateTimeOffset MadeAt, KeysInArchive Keys, IReadOnlyList<Guid> KeyIds,
    IReadOnlyList<ArchivedTable> Tables, IReadOnlyList<ArchivedEntry> Entries)
{
    public const int Current = 1;

    /// <summary>What both databases call it.</summary>
    public string MigrationName => NameOf(Migration);

    public long Rows => Tables.Where(table => table.Name != TableLayout.Blobs).Sum(table => table.Rows);

    public long Blobs => Tables.First(table => table.Name == TableLayout.Blobs).Rows;

    public static string NameOf(string migration) => migration[(migration.IndexOf('_', StringComparison.Ordinal) + 1)..];

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ArchiveJson.Default.ArchiveManifest);

    /// <exception cref="ArchiveException">It is none, or of a format that this program does not know.</exception>
    internal static ArchiveManifest Read(byte[] json)
    {
        try
        {
            var format = JsonSerializer.Deserialize(json, ArchiveJson.Default.ArchiveFormat)?.Format;
            return format == Current
                ? JsonSerializer.Deserialize(json, ArchiveJson.Default.ArchiveManifest)!
                : throw new ArchiveException($"The archive has the format {format}, and this program knows {Current}. Use the version of the program that wrote it.");
        }
        catch (Exception wrong) when (wrong is JsonException or NotSupportedException)
        {
            throw new ArchiveException("The archive's manifest cannot be read: this program has not written it.", wrong);
        }
    }
}

[JsonConverter(typeof(JsonStringEnumConverter<KeysInArchive>))]
public enum KeysInArchive
{
    /// <summary>Not at all: nothing in the archive opens before the ring is there in another way.</summary>
    Left,

    /// <summary>As they rest: each wrapped by the certificate or the key file that the installation's settings name.</summary>
    Wrapped,

    /// <summary>Encrypted by a passphrase.</summary>
    Encrypted,
}

/// <param name="Digest">Over all rows, whatever their order (<see cref="RowDigest"/>).</param>
public sealed record ArchivedTable(string Name, IReadOnlyList<ArchivedColumn> Columns, long Rows, string Digest);

public sealed record ArchivedColumn(string Name, ColumnKind Kind);

/// <param name="Sha256">Of its content as it stands in the archive.</param>
public sealed record ArchivedEntry(string Name, string Sha256);

internal sealed record ArchiveFormat(int Format);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(ArchiveFormat))]
[JsonSerializable(typeof(IReadOnlyList<RingElement>))]
[JsonSerializable(typeof(EncryptedKeys))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
