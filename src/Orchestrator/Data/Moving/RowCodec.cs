using System.Security.Cryptography;

namespace Orchestrator.Data.Moving;

/// <summary>A row as bytes: for each column one byte that says whether there is a value, and the value. Nothing is rounded.</summary>
internal static class RowCodec
{
    public static void Write(BinaryWriter writer, TableLayout table, object?[] row)
    {
        for (var index = 0; index < row.Length; index++)
        {
            writer.Write(row[index] is not null);
            switch (row[index])
            {
                case string text:
                    writer.Write(text);
                    break;
                case byte[] bytes:
                    writer.Write7BitEncodedInt(bytes.Length);
                    writer.Write(bytes);
                    break;
                case DateTime instant:
                    writer.Write(instant.Ticks);
                    break;
                case bool flag:
                    writer.Write(flag);
                    break;
                case int number:
                    writer.Write7BitEncodedInt(number);
                    break;
                case long number:
                    writer.Write7BitEncodedInt64(number);
                    break;
                case null:
                    break;
                case var other:
                    throw new NotSupportedException($"{table.Name}.{table.Columns[index].Name} gave a {other.GetType().Name}.");
            }
        }
    }

    public static object?[] Read(BinaryReader reader, IReadOnlyList<ArchivedColumn> columns)
    {
        var row = new object?[columns.Count];
        for (var index = 0; index < row.Length; index++)
        {
            row[index] = !reader.ReadBoolean() ? null : columns[index].Kind switch
            {
                ColumnKind.Text => reader.ReadString(),
                ColumnKind.Bytes => reader.ReadBytes(reader.Read7BitEncodedInt()),
                ColumnKind.Instant => new DateTime(reader.ReadInt64(), DateTimeKind.Utc),
                ColumnKind.Flag => reader.ReadBoolean(),
                ColumnKind.Number => reader.Read7BitEncodedInt(),
                ColumnKind.LongNumber => reader.Read7BitEncodedInt64(),
            };
        }
        return row;
    }
}

/// <summary>A checksum over rows in any order: the databases order texts differently.</summary>
/// <remarks>It is the same for a row on either database, so it leaves out what PostgreSQL cannot hold: the tenths of a microsecond, and NUL
/// in texts, for which a space stands there.</remarks>
internal sealed class RowDigest : IDisposable
{
    private const long TicksOfAMicrosecond = TimeSpan.TicksPerMicrosecond;

    private readonly byte[] _sum = new byte[SHA256.HashSizeInBytes];
    private readonly MemoryStream _row = new();
    private readonly BinaryWriter _writer;

    public RowDigest() => _writer = new BinaryWriter(_row);

    public string Value => Convert.ToHexStringLower(_sum);

    public long Rows { get; private set; }

    public void Add(TableLayout table, object?[] row)
    {
        _row.SetLength(0);
        RowCodec.Write(_writer, table, [.. row.Select(AsEverywhere)]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_row.GetBuffer().AsSpan(0, (int)_row.Length), hash);
        for (var index = 0; index < hash.Length; index++)
        {
            _sum[index] ^= hash[index];
        }
        Rows++;
    }

    /// <summary>The value as every database can hold it.</summary>
    public static object? AsEverywhere(object? value) => value switch
    {
        string text => text.Replace('\0', ' '),
        DateTime instant => new DateTime(instant.Ticks - (instant.Ticks % TicksOfAMicrosecond), DateTimeKind.Utc),
        _ => value,
    };

    public void Dispose()
    {
        _writer.Dispose();
        _row.Dispose();
    }
}
