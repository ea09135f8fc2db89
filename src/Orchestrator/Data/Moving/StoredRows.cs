using System.Data.Common;
using System.Runtime.CompilerServices;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Data.Moving;

/// <summary>What an installation holds, as one transaction sees it.</summary>
internal sealed class StoredRows(DbConnection connection, DbTransaction transaction, DatabaseProvider provider, DataDirectory directory)
{
    public IAsyncEnumerable<object?[]> ReadAsync(TableLayout table, CancellationToken cancellationToken) =>
        table.Name == TableLayout.Blobs && provider == DatabaseProvider.Sqlite ? ReadFilesAsync(table, cancellationToken) : ReadTableAsync(table, cancellationToken);

    /// <summary>The key ring, as it rests.</summary>
    public async Task<IReadOnlyList<RingElement>> ReadRingAsync(CancellationToken cancellationToken)
    {
        var ring = new List<RingElement>();
        if (provider == DatabaseProvider.Sqlite)
        {
            foreach (var path in Directory.EnumerateFiles(directory.Keys, "*.xml"))
            {
                ring.Add(new RingElement(Path.GetFileNameWithoutExtension(path), await File.ReadAllTextAsync(path, cancellationToken)));
            }
        }
        else
        {
            await using var command = Command($"""SELECT "FriendlyName", "Xml" FROM "{TableLayout.KeyRing}" WHERE "Xml" IS NOT NULL""");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                ring.Add(new RingElement(await reader.IsDBNullAsync(0, cancellationToken) ? $"key-{ring.Count}" : reader.GetString(0), reader.GetString(1)));
            }
        }
        return [.. ring.OrderBy(element => element.Name, StringComparer.Ordinal)];
    }

    public async Task<bool> IsEmptyAsync(TableLayout table, CancellationToken cancellationToken)
    {
        await using var command = Command($"""SELECT COUNT(*) FROM (SELECT 1 FROM "{table.Name}" {(table.Name == TableLayout.AuditChains ? "WHERE \"Head\" > 0" : "")} LIMIT 1) AS "some" """);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture) == 0;
    }

    private async IAsyncEnumerable<object?[]> ReadTableAsync(TableLayout table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command($"SELECT {table.ColumnNames} FROM \"{table.Name}\"");
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object?[table.Columns.Count];
            for (var index = 0; index < row.Length; index++)
            {
                row[index] = await reader.IsDBNullAsync(index, cancellationToken) ? null : table.Columns[index].Kind switch
                {
                    ColumnKind.Text => reader.GetString(index),
                    ColumnKind.Bytes => reader.GetFieldValue<byte[]>(index),
                    ColumnKind.Instant => DateTime.SpecifyKind(reader.GetDateTime(index), DateTimeKind.Utc),
                    ColumnKind.Flag => reader.GetBoolean(index),
                    ColumnKind.Number => reader.GetInt32(index),
                    ColumnKind.LongNumber => reader.GetInt64(index),
                };
            }
            yield return row;
        }
    }

    private async IAsyncEnumerable<object?[]> ReadFilesAsync(TableLayout table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (path, kind, place) in SealedFiles.All(directory))
        {
            // A file that goes meanwhile belongs to something that is being deleted.
            if (kind == SecretKind.Blob && await SealedFiles.ReadAsync(path, cancellationToken) is { } content)
            {
                yield return BlobRow.Of(table, place, content);
            }
        }
    }

    private DbCommand Command(string text)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        return command;
    }
}

/// <summary>A blob as a row of its table, wherever it lies.</summary>
internal static class BlobRow
{
    private const string Key = nameof(Blobs.Blob.Key);

    public static object?[] Of(TableLayout table, string key, byte[] content) =>
        [.. table.Columns.Select(column => column.Name == Key ? (object)key : content)];

    public static (string Key, byte[] Content) Read(TableLayout table, object?[] row)
    {
        var key = table.Columns[0].Name == Key ? 0 : 1;
        return ((string)row[key]!, (byte[])row[1 - key]!);
    }
}
