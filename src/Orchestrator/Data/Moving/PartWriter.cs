using System.Globalization;
using System.IO.Compression;

namespace Orchestrator.Data.Moving;

/// <summary>A table's rows as entries of some megabytes, so that neither side holds more than one of them.</summary>
internal sealed class PartWriter(ArchiveWriter archive, TableLayout table) : IDisposable
{
    private const int PartLength = 8 * 1024 * 1024;

    private readonly MemoryStream _rows = new();
    private int _parts;

    public static string NameOf(string table, int part) => $"tables/{table}/{part.ToString("D6", CultureInfo.InvariantCulture)}.gz";

    public async Task AddAsync(object?[] row, CancellationToken cancellationToken)
    {
        // Behind the last row stands a zero.
        using (var writer = new BinaryWriter(_rows, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(true);
            RowCodec.Write(writer, table, row);
        }
        if (_rows.Length >= PartLength)
        {
            await FlushAsync(cancellationToken);
        }
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_rows.Length == 0)
        {
            return;
        }
        _rows.WriteByte(0);
        using var packed = new MemoryStream();
        await using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            _rows.Position = 0;
            await _rows.CopyToAsync(zip, cancellationToken);
        }
        await archive.AddAsync(NameOf(table.Name, ++_parts), packed.ToArray(), cancellationToken);
        _rows.SetLength(0);
    }

    /// <summary>The rows of an entry.</summary>
    /// <exception cref="ArchiveException">It holds no such rows.</exception>
    public static IEnumerable<object?[]> Read(string name, byte[] content, IReadOnlyList<ArchivedColumn> columns)
    {
        using var zip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        using var reader = new BinaryReader(new BufferedStream(zip, 1 << 16));
        while (Next() is { } row)
        {
            yield return row;
        }

        object?[]? Next()
        {
            try
            {
                return reader.ReadBoolean() ? RowCodec.Read(reader, columns) : null;
            }
            catch (Exception wrong) when (wrong is IOException or InvalidDataException or FormatException or ArgumentException)
            {
                throw new ArchiveException($"The archive's entry {name} holds no rows of its table: this program has not written it.", wrong);
            }
        }
    }

    public void Dispose() => _rows.Dispose();
}
