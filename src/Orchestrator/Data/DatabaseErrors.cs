using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Orchestrator.Data;

/// <summary>Counts what the database refuses or does not answer. A constraint that holds is an answer: somebody else was faster.</summary>
internal sealed class DatabaseErrors(Instruments instruments) : DbCommandInterceptor
{
    private const int SqliteConstraint = 19;

    public Connections OfConnections { get; } = new(instruments);

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Count(eventData.Exception);

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Count(eventData.Exception);
        return Task.CompletedTask;
    }

    private void Count(Exception error)
    {
        switch (error)
        {
            case OperationCanceledException:
            case PostgresException { SqlState: ['2', '3', ..] } or SqliteException { SqliteErrorCode: SqliteConstraint }:
                break;
            case PostgresException or SqliteException:
                instruments.StatementFailed();
                break;
            default:
                instruments.ConnectionFailed();
                break;
        }
    }

    internal sealed class Connections(Instruments instruments) : DbConnectionInterceptor
    {
        public override void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => Count(eventData);

        public override Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
        {
            Count(eventData);
            return Task.CompletedTask;
        }

        private void Count(ConnectionErrorEventData failed)
        {
            if (failed.Exception is not OperationCanceledException)
            {
                instruments.ConnectionFailed();
            }
        }
    }
}
