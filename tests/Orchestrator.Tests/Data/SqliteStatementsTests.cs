using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using SQLitePCL;

namespace Orchestrator.Tests.Data;

public sealed class SqliteStatementsTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly PooledDbContextFactory<OrchestratorDbContext> _contexts;

    public SqliteStatementsTests()
    {
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UseSqlite(options, $"Data Source={File}");
        _contexts = new PooledDbContextFactory<OrchestratorDbContext>(options.Options);
    }

    private string File => Path.Combine(_directory.Path, "statements.db");

    [Fact]
    public async Task A_statement_is_prepared_once_for_all_contexts_that_share_a_connection()
    {
        await using (var first = await OpenAsync())
        {
            await WriteAsync(first, "CREATE TABLE Numbers (Value INTEGER NOT NULL UNIQUE)");
        }
        sqlite3_stmt? prepared = null;
        for (var round = 0; round < 5; round++)
        {
            await using var db = await OpenAsync();
            await db.Database.ExecuteSqlAsync($"INSERT INTO Numbers VALUES ({round})", TestContext.Current.CancellationToken);
            Assert.Equal(round + 1, await CountAsync(db));

            var statement = Assert.Single(Statements(db), known => raw.sqlite3_sql(known).utf8_to_string().Contains("INSERT", StringComparison.Ordinal));
            Assert.Same(prepared ?? statement, statement);
            prepared = statement;
        }
    }

    [Fact]
    public async Task Only_so_many_statements_are_kept()
    {
        await using var db = await OpenAsync();

        foreach (var number in Enumerable.Range(0, 300))
        {
            await SelectAsync(db, number);
        }

        Assert.InRange(Statements(db).Count, 250, 260);
    }

    [Fact]
    public async Task As_many_as_a_run_takes_are_kept_from_one_run_to_the_next()
    {
        await using var db = await OpenAsync();
        for (var number = 0; number < 200; number++)
        {
            await SelectAsync(db, number);
        }
        var prepared = Statements(db);

        for (var number = 0; number < 200; number++)
        {
            await SelectAsync(db, number);
        }

        Assert.Equivalent(prepared, Statements(db), strict: true);
    }

    private static async Task SelectAsync(OrchestratorDbContext db, int number)
    {
        var statement = FormattableString.Invariant($"SELECT {number} AS Value");
        Assert.Equal(number, await db.Database.SqlQueryRaw<int>(statement).SingleAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_statement_may_run_inside_of_itself()
    {
        await WriteAsync("CREATE TABLE Numbers (Value INTEGER NOT NULL UNIQUE)");
        await WriteAsync("INSERT INTO Numbers VALUES (1), (2), (3)");
        await using var db = await _contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        IAsyncEnumerable<int> Numbers() => db.Database.SqlQuery<int>($"SELECT Value FROM Numbers").AsAsyncEnumerable();

        var pairs = new List<(int, int)>();
        await foreach (var outer in Numbers())
        {
            await foreach (var inner in Numbers())
            {
                pairs.Add((outer, inner));
            }
        }

        Assert.Equal(9, pairs.Distinct().Count());
    }

    [Fact]
    public async Task A_connection_that_stays_open_holds_nobody_up()
    {
        await WriteAsync("CREATE TABLE Numbers (Value INTEGER NOT NULL UNIQUE)");
        await WriteAsync("INSERT INTO Numbers VALUES (1), (2), (3)");
        await using (var db = await _contexts.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            // One that is left in its middle, one that fails, and a transaction that is neither committed nor rolled back.
            await foreach (var _ in db.Database.SqlQuery<int>($"SELECT Value FROM Numbers").AsAsyncEnumerable())
            {
                break;
            }
            await Assert.ThrowsAsync<SqliteException>(() => WriteAsync(db, "INSERT INTO Numbers VALUES (1)"));
            await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await WriteAsync(db, "INSERT INTO Numbers VALUES (4)");
        }

        await using var other = new SqliteConnection($"Data Source={File};Pooling=False;Default Timeout=1");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var checkpoint = other.CreateCommand();
        checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        Assert.Equal(0L, await checkpoint.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        checkpoint.CommandText = "BEGIN EXCLUSIVE; SELECT count(*) FROM Numbers";
        Assert.Equal(3L, await checkpoint.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_statement_lives_no_longer_than_its_connection_is_open()
    {
        await WriteAsync("CREATE TABLE Numbers (Value INTEGER NOT NULL UNIQUE)");
        await using var db = await _contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await CountAsync(db));
        var connection = db.Database.GetDbConnection();
        await connection.CloseAsync();

        // The pool of connections gives the handle to somebody else, who has not committed yet, and this context another one.
        await using var thief = new SqliteConnection(connection.ConnectionString);
        await thief.OpenAsync(TestContext.Current.CancellationToken);
        await using var insert = thief.CreateCommand();
        insert.CommandText = "BEGIN; INSERT INTO Numbers VALUES (1)";
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await CountAsync(db));
    }

    public async ValueTask DisposeAsync()
    {
        await using (var db = await _contexts.CreateDbContextAsync())
        {
            SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());
        }
        _directory.Dispose();
    }

    private static Task<int> CountAsync(OrchestratorDbContext db) =>
        db.Database.SqlQuery<int>($"SELECT count(*) AS Value FROM Numbers").SingleAsync(TestContext.Current.CancellationToken);

    /// <summary>A context whose connection's statements can be listed.</summary>
    private async Task<OrchestratorDbContext> OpenAsync()
    {
        var db = await _contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        if (connection.State == ConnectionState.Closed)
        {
            await db.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
            connection.Handle!.enable_sqlite3_next_stmt(true);
        }
        return db;
    }

    private async Task WriteAsync(string statement)
    {
        await using var db = await _contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        await WriteAsync(db, statement);
    }

    private static Task<int> WriteAsync(OrchestratorDbContext db, string statement) =>
        db.Database.ExecuteSqlRawAsync(statement, TestContext.Current.CancellationToken);

    /// <summary>What SQLite has prepared for the context's connection.</summary>
    private static List<sqlite3_stmt> Statements(OrchestratorDbContext db)
    {
        var found = new List<sqlite3_stmt>();
        var handle = ((SqliteConnection)db.Database.GetDbConnection()).Handle;
        for (var next = raw.sqlite3_next_stmt(handle, null); next is not null; next = raw.sqlite3_next_stmt(handle, next))
        {
            found.Add(next);
        }
        return found;
    }
}
