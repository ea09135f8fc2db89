using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Orchestrator.Data;

public static class UniqueNames
{
    private const int SqliteUniqueViolation = 2067;
    private const int SqlitePrimaryKeyViolation = 1555;
    private const int SqliteForeignKeyViolation = 787;

    /// <summary>Somebody deleted the row meanwhile, or what it belongs to.</summary>
    public static bool WasOvertaken(this DbUpdateException failed) =>
        failed is DbUpdateConcurrencyException || failed.InnerException
            is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation }
            or SqliteException { SqliteExtendedErrorCode: SqliteForeignKeyViolation };

    /// <summary>Saves rows whose names must be free. A check before may have been overtaken; the index was not.</summary>
    /// <returns>False when a name or key is taken: nothing was saved, and a transaction around it goes on.</returns>
    public static async Task<bool> TrySaveAsync(this OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        db.Database.AutoSavepointsEnabled = true;
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException taken) when (taken.InnerException
            is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }
            or SqliteException { SqliteExtendedErrorCode: SqliteUniqueViolation or SqlitePrimaryKeyViolation })
        {
            return false;
        }
        finally
        {
            db.Database.AutoSavepointsEnabled = false;
        }
    }
}
