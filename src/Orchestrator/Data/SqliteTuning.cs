using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace Orchestrator.Data;

/// <summary>What SQLite needs to serve many readers beside a writer: a write-ahead log, and <see cref="SqlitePatience"/> for its single lock
/// (<c>Default Timeout</c> in the connection string; 30 seconds).</summary>
/// <remarks>Settings stay with the connection to the file, which the pool keeps: it is tuned once, not each time somebody takes it.</remarks>
internal sealed class SqliteTuning : DbConnectionInterceptor
{
    public static readonly SqliteTuning Instance = new();

    private readonly ConditionalWeakTable<sqlite3, object> _tuned = [];

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (IsTuned(connection))
        {
            return;
        }
        using (var command = Tune(connection))
        {
            command.ExecuteNonQuery();
        }
        SqlitePatience.Give(connection);
        Remember(connection);
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (IsTuned(connection))
        {
            return;
        }
        await using (var command = Tune(connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        SqlitePatience.Give(connection);
        Remember(connection);
    }

    private bool IsTuned(DbConnection connection) => ((SqliteConnection)connection).Handle is { } handle && _tuned.TryGetValue(handle, out _);

    private void Remember(DbConnection connection) => _tuned.AddOrUpdate(((SqliteConnection)connection).Handle!, Instance);

    private static DbCommand Tune(DbConnection connection)
    {
        var command = connection.CreateCommand();
        // synchronous=FULL: a state version that was acknowledged survives a power cut.
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;";
        return command;
    }
}
