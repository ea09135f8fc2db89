using System.Data;
using System.Reflection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Orchestrator.Data.Moving;

/// <summary>How an archive is to have the key ring.</summary>
/// <param name="Passphrase">Encrypts it; null where it is wrapped already.</param>
/// <param name="LeaveOut">The archive has none, and opens only where the ring is there in another way.</param>
public sealed record KeyChoice(ArchivePassphrase? Passphrase, bool LeaveOut = false);

/// <summary>Writes everything that an installation holds into one file that either database takes in: every table of the model, every blob, and
/// the key ring, wrapped. It reads one state of the database, beside servers that go on serving.</summary>
/// <remarks>Hangfire's own tables are not in it: they hold only which run's turn it is, and that is made anew from the runs' rows. Blobs that
/// are files (on SQLite) are read after the rows that name them, and are written once, so each is there unless it was deleted meanwhile.</remarks>
public sealed class InstallationExport(
    IDbContextFactory<OrchestratorDbContext> databases, DataDirectory directory, IOptions<DataOptions> options, IKeyManager keyManager, TimeProvider clock)
{
    /// <param name="path">A file that is not there yet; it gets mode 600.</param>
    /// <exception cref="ArchiveException">The file cannot be written, or the key ring would lie in it in the clear.</exception>
    public async Task<ArchiveManifest> WriteAsync(string path, KeyChoice keys, CancellationToken cancellationToken)
    {
        var provider = options.Value.Database.Provider;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        var connection = db.Database.GetDbConnection();
        await using var transaction = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(deferred: true)
            : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var rows = new StoredRows(connection, transaction, provider, directory);
        if (!keys.LeaveOut && keys.Passphrase is null && !ArchivedKeys.AreWrapped(await rows.ReadRingAsync(cancellationToken)))
        {
            throw new ArchiveException(
                "The key ring is not wrapped: with it in the archive, whoever has that file opens everything in it. Give a file with a passphrase that encrypts "
                + "the ring there (--passphrase-file FILE), wrap the ring (Orchestrator__KeyRing__KeyFile, then 'secrets rotate --delete-old'), or leave it out and keep it "
                + "in another place (--without-keys).");
        }
        await using var archive = new ArchiveWriter(path);
        var (tables, used) = (new List<ArchivedTable>(), new HashSet<Guid>());
        // Files may be deleted at any time, and the first rows pin what the database shows. So rows come first, and blobs among them by their name.
        foreach (var table in TableLayout.Of(db.Model).OrderBy(table => table.Name == TableLayout.Blobs))
        {
            tables.Add(await WriteAsync(archive, table, rows, used, cancellationToken));
        }
        var ring = await rows.ReadRingAsync(cancellationToken);
        if (!keys.LeaveOut)
        {
            // A key may have been added meanwhile.
            if (keys.Passphrase is null && !ArchivedKeys.AreWrapped(ring))
            {
                throw new ArchiveException("The key ring has got a key that is not wrapped, while it was exported. Start this again.");
            }
            var (name, content) = ArchivedKeys.EntryOf(ring, keys.Passphrase);
            await archive.AddAsync(name, content, cancellationToken);
        }
        var known = keyManager.GetAllKeys().Select(key => key.KeyId).ToHashSet();
        var manifest = new ArchiveManifest(
            ArchiveManifest.Current, Program, provider, db.Database.GetMigrations().Last(), clock.GetUtcNow(),
            keys.LeaveOut ? KeysInArchive.Left : keys.Passphrase is null ? KeysInArchive.Wrapped : KeysInArchive.Encrypted,
            [.. used.Where(known.Contains).Order()], tables, [.. archive.Entries]);
        await archive.FinishAsync(manifest, cancellationToken);
        return manifest;
    }

    private static string Program =>
        typeof(InstallationExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static async Task<ArchivedTable> WriteAsync(
        ArchiveWriter archive, TableLayout table, StoredRows rows, HashSet<Guid> keys, CancellationToken cancellationToken)
    {
        using var digest = new RowDigest();
        using var parts = new PartWriter(archive, table);
        await foreach (var row in rows.ReadAsync(table, cancellationToken))
        {
            digest.Add(table, row);
            foreach (var value in row.OfType<byte[]>())
            {
                if (Secrets.KeyRing.KeyOf(value) is { } key)
                {
                    keys.Add(key);
                }
            }
            await parts.AddAsync(row, cancellationToken);
        }
        await parts.FlushAsync(cancellationToken);
        return new ArchivedTable(table.Name, table.Columns, digest.Rows, digest.Value);
    }
}
