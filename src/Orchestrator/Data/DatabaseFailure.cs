using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Orchestrator.Data;

/// <summary>Whose fault an exception is: EF Core wraps what its providers throw, and in more than one way.</summary>
public static class DatabaseFailure
{
    /// <summary>The database has failed, for whatever reason.</summary>
    public static bool IsOfDatabase(this Exception? problem) => problem is DbException or DbUpdateException || Is(problem, IsOfDatabase);

    /// <summary>Another try may well succeed: the database is not there, or busy.</summary>
    public static bool IsOfAbsentDatabase(this Exception? problem) => problem
        is NpgsqlException { IsTransient: true } or TimeoutException
        // Busy, locked, I/O error, full, cannot open.
        or SqliteException { SqliteErrorCode: 5 or 6 or 10 or 13 or 14 } || Is(problem, IsOfAbsentDatabase);

    private static bool Is(Exception? wrapper, Func<Exception?, bool> inner) => wrapper is DbUpdateException or InvalidOperationException && inner(wrapper.InnerException);
}
