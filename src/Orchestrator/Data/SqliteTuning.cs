using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orchestrator.Data;

/// <summary>What SQLite needs to serve many readers beside a writer: a write-ahead log, and patience for its single lock
/// (<c>Default Timeout</c> in the connection string; 30 seconds).</summary>
internal sealed class SqliteTuning : DbConnectionInterceptor
{
    public static readonly SqliteTuning Instance = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = Tune(connection);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = Tune(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand Tune(DbConnection connection)
    {
        var command = connection.CreateCommand();
        var patience = ((SqliteConnection)connection).DefaultTimeout * 1000;
        // synchronous=FULL: a state version that was acknowledged survives a power cut.
        command.CommandText = FormattableString.Invariant(
            $"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout={patience}; PRAGMA foreign_keys=ON;");
        return command;
    }
}
