using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Moving;

namespace Orchestrator.Web.Hosting;

/// <summary><c>migrate</c>: brings the database's tables to this version, and ends. Any number of them may run at once, beside servers: one
/// works, and the others find it done.</summary>
internal static class MigrateCommand
{
    private const string Usage = """
        usage: migrate          brings the database to this version
               migrate --check  says what that would do; ends with 1 when there is something to do
        """;

    private static readonly TimeSpan LongestMigration = TimeSpan.FromHours(1);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var isCheck = args.Contains("--check");
        string[] rest = [.. args.Where(argument => argument != "--check")];
        if (rest.FirstOrDefault(argument => !argument.StartsWith("--", StringComparison.Ordinal)) is not null)
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        await using var app = BesideServer.CreateBuilder(rest).Build();
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        if (await UnknownAsync(db) is { } unknown)
        {
            await errors.WriteLineAsync(unknown);
            return CommandLine.Failed;
        }
        string[] pending = [.. await db.Database.GetPendingMigrationsAsync()];
        if (pending.Length == 0)
        {
            await output.WriteLineAsync($"The database is at {db.Database.GetMigrations().Last()}: nothing to do.");
            return 0;
        }
        if (isCheck)
        {
            await output.WriteLineAsync($"The database lacks {string.Join(", ", pending)}. Run migrate, without --check.");
            return CommandLine.Failed;
        }
        await OneAtATimeAsync(db);
        await output.WriteLineAsync($"The database is now at {db.Database.GetMigrations().Last()}.");
        return 0;
    }

    /// <summary>For a server, before it listens.</summary>
    /// <exception cref="SchemaException">The tables are of another version, and must not be touched.</exception>
    public static async Task PrepareAsync(OrchestratorDbContext db, DatabaseOptions options)
    {
        if (options.MigrateAtStart)
        {
            if (db.Database.IsSqlite())
            {
                await ReleaseAsync(db);
            }
            await OneAtATimeAsync(db);
        }
        else if ((await db.Database.GetPendingMigrationsAsync()).Any())
        {
            throw new SchemaException("The database does not have this version's tables, and Orchestrator__Database__MigrateAtStart is 'false'. "
                + "Run 'migrate' first, as a database user who may change tables.");
        }
        if (await UnknownAsync(db) is { } unknown)
        {
            throw new SchemaException(unknown);
        }
    }

    /// <summary>EF's lock on SQLite is a row, which outlives a process that was killed: the next one would wait for ever. A server has its data
    /// directory for itself, so nobody holds the lock then.</summary>
    private static async Task ReleaseAsync(OrchestratorDbContext db)
    {
        var hasLock = await db.Database.SqlQuery<int>($"SELECT COUNT(*) AS \"Value\" FROM sqlite_master WHERE name = '__EFMigrationsLock'").SingleAsync() > 0;
        if (hasLock)
        {
            await db.Database.ExecuteSqlAsync($"DELETE FROM \"__EFMigrationsLock\"");
        }
    }

    /// <summary>EF's own lock on PostgreSQL is let go between two migrations, where another process would begin the same one.</summary>
    private static async Task OneAtATimeAsync(OrchestratorDbContext db)
    {
        if (!db.Database.IsNpgsql())
        {
            await db.Database.MigrateAsync();
            return;
        }
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (!await creator.ExistsAsync())
        {
            await creator.CreateAsync();
        }
        await db.Database.OpenConnectionAsync();
        var patience = db.Database.GetCommandTimeout();
        try
        {
            db.Database.SetCommandTimeout(LongestMigration);
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({InstallationImport.SchemaLock})");
            await db.Database.MigrateAsync();
        }
        finally
        {
            db.Database.SetCommandTimeout(patience);
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock_all()");
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>What a newer version has made, this one does not know how to read.</summary>
    internal static async Task<string?> UnknownAsync(OrchestratorDbContext db)
    {
        var last = db.Database.GetMigrations().Last();
        return (await db.Database.GetAppliedMigrationsAsync()).Where(applied => string.CompareOrdinal(applied, last) > 0).ToArray() is { Length: > 0 } newer
            ? $"The database is of a newer version: it has {string.Join(", ", newer)}, which this program does not know. Use the newer program, or restore the backup from before the upgrade."
            : null;
    }
}

/// <summary>The tables are not of this version. The message says what to do.</summary>
public sealed class SchemaException(string message) : Exception(message);
