using System.Data.Common;
using System.Globalization;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Data.Moving;

/// <summary>Takes an archive into an empty installation, on either database: everything or nothing.</summary>
/// <remarks>Every checksum is compared before anything is written, and before it counts (the database's transaction), all that was written is
/// read back and compared with what the archive says of its rows.</remarks>
public sealed class InstallationImport
{
    /// <summary>What servers hold while they bring the tables up to date: none starts on a database that is half full.</summary>
    public const long SchemaLock = 0x6F7263_6D696772;

    private readonly IDbContextFactory<OrchestratorDbContext> _databases;
    private readonly DataDirectory _directory;
    private readonly DatabaseProvider _provider;
    private readonly IKeyManager _keys;
    private readonly KeyRing _ring;
    private readonly IConfigurationSection _ringSettings;

    internal InstallationImport(
        IDbContextFactory<OrchestratorDbContext> databases, DataDirectory directory, IOptions<DataOptions> options, IKeyManager keys, KeyRing ring,
        IConfigurationSection ringSettings) =>
        (_databases, _directory, _provider, _keys, _ring, _ringSettings) = (databases, directory, options.Value.Database.Provider, keys, ring, ringSettings);

    /// <exception cref="ArchiveException">The archive is damaged, of another version, or does not open; or the installation is not empty. Nothing was
    /// changed.</exception>
    public async Task<ArchiveManifest> ReadAsync(string path, ArchivePassphrase? passphrase, CancellationToken cancellationToken)
    {
        var (manifest, keys) = await ArchiveReader.VerifyAsync(path, cancellationToken);
        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        var tables = TableLayout.Of(db.Model);
        RefuseOtherVersions(manifest, tables, [.. db.Database.GetMigrations()]);
        var ring = keys is { } entry ? ArchivedKeys.Read(entry.Name, entry.Content, passphrase) : [];
        CheckKeys(manifest, ring);

        await db.Database.OpenConnectionAsync(cancellationToken);
        var connection = db.Database.GetDbConnection();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await PrepareAsync(connection, transaction, cancellationToken);
        var rows = new StoredRows(connection, transaction, _provider, _directory);
        await RefuseWhatIsFullAsync(rows, tables, cancellationToken);
        if (_provider == DatabaseProvider.Sqlite)
        {
            BlobFiles.Begin(_directory);
        }
        var written = new List<string>();
        try
        {
            await WriteRowsAsync(path, manifest, tables, connection, transaction, cancellationToken);
            await CompareAsync(rows, manifest, tables, cancellationToken);
            await WriteRingAsync(ring, rows, connection, transaction, written, cancellationToken);
            await CommitAsync(transaction, cancellationToken);
        }
        catch
        {
            if (_provider == DatabaseProvider.Sqlite)
            {
                written.ForEach(File.Delete);
                BlobFiles.Undo(_directory);
            }
            throw;
        }
        if (_provider == DatabaseProvider.Sqlite)
        {
            BlobFiles.Commit(_directory);
        }
        _ring.Refresh();
        return manifest;
    }

    private static void RefuseOtherVersions(ArchiveManifest manifest, IReadOnlyList<TableLayout> tables, string[] migrations)
    {
        var ours = migrations.Select(ArchiveManifest.NameOf).ToArray();
        if (manifest.MigrationName != ours[^1])
        {
            throw new ArchiveException(ours.Contains(manifest.MigrationName)
                ? $"The archive is of an older version ({manifest.MigrationName}, by the program {manifest.Program}); this one has {ours[^1]}. Import it with that version of the "
                    + "program, and then run 'migrate' of this one."
                : $"The archive is of a version that this program does not know ({manifest.MigrationName}, by the program {manifest.Program}). Import it with that version of the program.");
        }
        var theirs = manifest.Tables.ToDictionary(table => table.Name);
        foreach (var table in tables)
        {
            if (!theirs.Remove(table.Name, out var archived) || !archived.Columns.SequenceEqual(table.Columns))
            {
                throw new ArchiveException($"The archive has another table {table.Name} than this program. Import it with the program that wrote it ({manifest.Program}).");
            }
        }
        if (theirs.Keys.FirstOrDefault() is { } unknown)
        {
            throw new ArchiveException($"The archive has a table {unknown}, which this program does not know. Import it with the program that wrote it ({manifest.Program}).");
        }
    }

    /// <summary>Rows that nobody could open afterwards are not worth having.</summary>
    private void CheckKeys(ArchiveManifest manifest, IReadOnlyList<RingElement> ring)
    {
        if (manifest.Keys != KeysInArchive.Left)
        {
            ArchivedKeys.CheckThatTheyOpen(ring, _ringSettings);
            return;
        }
        var known = _keys.GetAllKeys().Select(key => key.KeyId).ToHashSet();
        if (manifest.KeyIds.Where(key => !known.Contains(key)).ToArray() is { Length: > 0 } missing)
        {
            throw new ArchiveException(
                $"The archive was written without its keys, and the key ring here lacks {string.Join(", ", missing)}, so nothing in it would open. Put the ring of the "
                + $"installation that was exported here first: its keys/*.xml into {_directory.Keys}{(_provider == DatabaseProvider.Sqlite ? "" : ", or its rows of DataProtectionKeys into the database")}.");
        }
    }

    private static async Task PrepareAsync(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandTimeout = 0;
        command.CommandText = connection is NpgsqlConnection
            ? $"SELECT pg_advisory_xact_lock({SchemaLock.ToString(CultureInfo.InvariantCulture)})"
            // Rows may come before those that they point to; it counts until the end of the transaction.
            : "PRAGMA defer_foreign_keys = ON";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task RefuseWhatIsFullAsync(StoredRows rows, IReadOnlyList<TableLayout> tables, CancellationToken cancellationToken)
    {
        // On SQLite, what counts of the blobs are the files.
        foreach (var table in tables.Where(table => table.Name != TableLayout.Blobs || _provider == DatabaseProvider.PostgreSql))
        {
            if (!await rows.IsEmptyAsync(table, cancellationToken))
            {
                throw new ArchiveException(
                    $"The database is not empty: there are rows in {table.Name}. An archive goes only into a database on which no server was started yet: make a new one, "
                    + "run 'migrate', and import then.");
            }
        }
    }

    private async Task WriteRowsAsync(
        string path, ArchiveManifest manifest, IReadOnlyList<TableLayout> tables, DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        IRowSink? sink = null;
        TableLayout? current = null;
        try
        {
            await foreach (var (archived, row) in ArchiveCheck.ReadRowsAsync(path, manifest, cancellationToken))
            {
                if (current?.Name != archived.Name)
                {
                    await CloseAsync();
                    current = tables.First(table => table.Name == archived.Name);
                    sink = await RowSinks.OpenAsync(current, connection, transaction, _provider, _directory, cancellationToken);
                }
                await sink!.AddAsync(row, cancellationToken);
            }
            await CloseAsync();
        }
        catch (Exception refused) when (SayingOf(refused) is { } saying)
        {
            throw new ArchiveException($"The rows of {current?.Name} cannot be stored in this database: {saying}", refused);
        }
        finally
        {
            if (sink is not null)
            {
                await sink.DisposeAsync();
            }
        }

        async Task CloseAsync()
        {
            if (sink is null)
            {
                return;
            }
            await sink.CompleteAsync(cancellationToken);
            await sink.DisposeAsync();
            sink = null;
            await ContinueCountingAsync(current!, connection, transaction, cancellationToken);
        }
    }

    private static async Task CommitAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception refused) when (SayingOf(refused) is { } saying)
        {
            throw new ArchiveException($"Rows of the archive point to others that are not in it, so nothing of it was kept: {saying}", refused);
        }
    }

    /// <summary>What the database has against a row; never the row. Null where it is not about one.</summary>
    private static string? SayingOf(Exception problem) => problem switch
    {
        PostgresException refused => refused.MessageText,
        Microsoft.Data.Sqlite.SqliteException refused => refused.Message,
        _ => null,
    };

    /// <summary>PostgreSQL counts apart from the rows; SQLite goes on behind the highest by itself.</summary>
    private static async Task ContinueCountingAsync(TableLayout table, DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (table.Counted is null || connection is not NpgsqlConnection)
        {
            return;
        }
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"""SELECT setval(pg_get_serial_sequence('"{table.Name}"', '{table.Counted}'), (SELECT MAX("{table.Counted}") FROM "{table.Name}"))""";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CompareAsync(StoredRows rows, ArchiveManifest manifest, IReadOnlyList<TableLayout> tables, CancellationToken cancellationToken)
    {
        foreach (var archived in manifest.Tables)
        {
            using var digest = new RowDigest();
            var table = tables.First(table => table.Name == archived.Name);
            await foreach (var row in rows.ReadAsync(table, cancellationToken))
            {
                digest.Add(table, row);
            }
            if (digest.Rows != archived.Rows || digest.Value != archived.Digest)
            {
                throw new ArchiveException(
                    $"What was written to {archived.Name} is not what the archive holds ({digest.Rows} rows of {archived.Rows}), so nothing of it was kept. Look at the disk and the database's log.");
            }
        }
    }

    /// <summary>Adds the archive's keys to those that are here.</summary>
    private async Task WriteRingAsync(
        IReadOnlyList<RingElement> ring, StoredRows rows, DbConnection connection, DbTransaction transaction, List<string> written, CancellationToken cancellationToken)
    {
        var here = (await rows.ReadRingAsync(cancellationToken)).Select(element => element.Name).ToHashSet();
        foreach (var element in ring.Where(element => !here.Contains(element.Name)))
        {
            if (_provider == DatabaseProvider.Sqlite)
            {
                var path = Path.Combine(_directory.Keys, element.Name + ".xml");
                written.Add(path);
                await WholeFile.WriteAsync(path, System.Text.Encoding.UTF8.GetBytes(element.Xml), cancellationToken);
                continue;
            }
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"""INSERT INTO "{TableLayout.KeyRing}" ("FriendlyName", "Xml") VALUES (@name, @xml)""";
            foreach (var (name, value) in new[] { ("@name", element.Name), ("@xml", element.Xml) })
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value);
                command.Parameters.Add(parameter);
            }
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
