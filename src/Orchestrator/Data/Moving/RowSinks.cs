using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Data.Moving;

/// <summary>Where a table's rows go.</summary>
internal interface IRowSink : IAsyncDisposable
{
    Task AddAsync(object?[] row, CancellationToken cancellationToken);

    Task CompleteAsync(CancellationToken cancellationToken);
}

internal static class RowSinks
{
    public static async Task<IRowSink> OpenAsync(
        TableLayout table, DbConnection connection, DbTransaction transaction, DatabaseProvider provider, DataDirectory directory, CancellationToken cancellationToken) =>
        table.Name == TableLayout.Blobs && provider == DatabaseProvider.Sqlite ? new BlobFiles(table, directory)
        // Its only row is there already, and may only be moved forward.
        : connection is NpgsqlConnection postgres && table.Name != TableLayout.AuditChains ? new Copy(table, await postgres.BeginBinaryImportAsync(
            $"COPY \"{table.Name}\" ({table.ColumnNames}) FROM STDIN (FORMAT BINARY)", cancellationToken))
        : new Insert(table, connection, transaction);

    /// <summary>PostgreSQL's way for many rows.</summary>
    private sealed class Copy : IRowSink
    {
        private readonly TableLayout _table;
        private readonly NpgsqlBinaryImporter _importer;

        public Copy(TableLayout table, NpgsqlBinaryImporter importer)
        {
            (_table, _importer) = (table, importer);
            // As long as it takes.
            _importer.Timeout = TimeSpan.Zero;
        }

        public async Task AddAsync(object?[] row, CancellationToken cancellationToken)
        {
            await _importer.StartRowAsync(cancellationToken);
            for (var index = 0; index < row.Length; index++)
            {
                await (RowDigest.AsEverywhere(row[index]) switch
                {
                    null => _importer.WriteNullAsync(cancellationToken),
                    string text => _importer.WriteAsync(text, NpgsqlDbType.Text, cancellationToken),
                    byte[] bytes => _importer.WriteAsync(bytes, NpgsqlDbType.Bytea, cancellationToken),
                    DateTime instant => _importer.WriteAsync(instant, NpgsqlDbType.TimestampTz, cancellationToken),
                    bool flag => _importer.WriteAsync(flag, NpgsqlDbType.Boolean, cancellationToken),
                    int number => _importer.WriteAsync(number, NpgsqlDbType.Integer, cancellationToken),
                    long number => _importer.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken),
                    var other => throw new NotSupportedException($"{_table.Name} has a {other.GetType().Name}."),
                });
            }
        }

        public async Task CompleteAsync(CancellationToken cancellationToken) => await _importer.CompleteAsync(cancellationToken);

        public ValueTask DisposeAsync() => _importer.DisposeAsync();
    }

    /// <summary>A prepared statement.</summary>
    private sealed class Insert : IRowSink
    {
        private readonly DbCommand _command;

        public Insert(TableLayout table, DbConnection connection, DbTransaction transaction)
        {
            _command = connection.CreateCommand();
            _command.Transaction = transaction;
            foreach (var index in Enumerable.Range(0, table.Columns.Count))
            {
                var parameter = _command.CreateParameter();
                parameter.ParameterName = $"@p{index}";
                _command.Parameters.Add(parameter);
            }
            var values = string.Join(", ", table.Columns.Select((_, index) => $"@p{index}"));
            var conflict = table.Name != TableLayout.AuditChains ? "" : $" ON CONFLICT ({string.Join(", ", table.Key.Select(key => $"\"{key}\""))}) DO UPDATE SET "
                + string.Join(", ", table.Columns.Where(column => !table.Key.Contains(column.Name)).Select(column => $"\"{column.Name}\" = excluded.\"{column.Name}\""));
            _command.CommandText = $"INSERT INTO \"{table.Name}\" ({table.ColumnNames}) VALUES ({values}){conflict}";
        }

        public async Task AddAsync(object?[] row, CancellationToken cancellationToken)
        {
            for (var index = 0; index < row.Length; index++)
            {
                _command.Parameters[index].Value = row[index] ?? DBNull.Value;
            }
            await _command.ExecuteNonQueryAsync(cancellationToken);
        }

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => _command.DisposeAsync();
    }
}

/// <summary>SQLite's blobs: files beside the database.</summary>
internal sealed partial class BlobFiles(TableLayout table, DataDirectory directory) : IRowSink
{
    // Stands while an import writes them: what lies there then, no row names.
    private static string MarkOf(DataDirectory directory) => Path.Combine(directory.Root, "import-unfinished");

    /// <summary>For an empty database: removes what an import has left that was interrupted.</summary>
    /// <exception cref="ArchiveException">There are blobs of somebody else's.</exception>
    public static void Begin(DataDirectory directory)
    {
        if (Directory.EnumerateFileSystemEntries(directory.Blobs).Any() && !File.Exists(MarkOf(directory)))
        {
            throw new ArchiveException($"{directory.Blobs} is not empty, though the database is. Import into a data directory of its own.");
        }
        File.WriteAllBytes(MarkOf(directory), []);
        Empty(directory);
    }

    public static void Commit(DataDirectory directory) => File.Delete(MarkOf(directory));

    public static void Undo(DataDirectory directory)
    {
        Empty(directory);
        File.Delete(MarkOf(directory));
    }

    public async Task AddAsync(object?[] row, CancellationToken cancellationToken)
    {
        var (key, content) = BlobRow.Read(table, row);
        if (!BlobKeyForm().IsMatch(key))
        {
            throw new ArchiveException("The archive has a blob whose key leads elsewhere: this program has not written it.");
        }
        var path = Path.Combine(directory.Blobs, key);
        DataDirectory.Create(Path.GetDirectoryName(path)!);
        await WholeFile.WriteAsync(path, content, cancellationToken);
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Empty(DataDirectory directory)
    {
        Directory.Delete(directory.Blobs, recursive: true);
        _ = directory.Blobs;
    }

    [GeneratedRegex(@"\A[a-z][a-z-]{0,39}/[A-Za-z0-9-]{1,64}\z")]
    private static partial Regex BlobKeyForm();
}
