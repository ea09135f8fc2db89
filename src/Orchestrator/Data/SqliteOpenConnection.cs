#pragma warning disable EF1001 // There is no other way to keep a pooled context from closing its connection; the versions are pinned.
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Sqlite.Storage.Internal;
using Microsoft.EntityFrameworkCore.Storage;

namespace Orchestrator.Data;

/// <summary>A connection to SQLite that stays open as long as its context, for the next one who takes that from the pool: what SQLite has
/// prepared for it (<see cref="SqliteStatements"/>) would be lost otherwise.</summary>
/// <remarks>It holds a file and some memory, and no lock: a transaction ends by itself.</remarks>
internal sealed class SqliteOpenConnection(
    RelationalConnectionDependencies dependencies, IRawSqlCommandBuilder commands, IDiagnosticsLogger<DbLoggerCategory.Infrastructure> logger)
    : SqliteRelationalConnection(dependencies, commands, logger)
{
    protected override void CloseDbConnection()
    {
    }

    protected override Task CloseDbConnectionAsync() => Task.CompletedTask;
}
