using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Databases))]

namespace Orchestrator.Tests.Support;

/// <summary>Fresh databases for tests. Each provider's is migrated once and then copied.</summary>
public sealed class Databases : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Postgres = new(PostgresServer.StartAsync);
    private static readonly Lazy<Task<string>> PostgresTemplate = new(MigratePostgresAsync);
    private static readonly Lazy<Task<string>> SqliteTemplate = new(MigrateSqliteAsync);

    public static Task<PostgresServer> PostgresAsync() => Postgres.Value;

    /// <returns>The connection string of a migrated database; for SQLite, of a file in <paramref name="directory"/>.</returns>
    public static async Task<string> CreateAsync(DatabaseProvider provider, string directory)
    {
        if (provider == DatabaseProvider.Sqlite)
        {
            var file = Path.Combine(directory, "orchestrator.db");
            File.Copy(await SqliteTemplate.Value, file);
            return $"Data Source={file}";
        }
        var server = await Postgres.Value;
        return server.ConnectionStringOf(await server.CreateDatabaseAsync(await PostgresTemplate.Value));
    }

    /// <summary>Closes what is open and removes a PostgreSQL database.</summary>
    public static async Task RemoveAsync(DatabaseProvider provider, string connectionString)
    {
        if (provider == DatabaseProvider.Sqlite)
        {
            using var connection = new SqliteConnection(connectionString);
            SqliteConnection.ClearPool(connection);
            return;
        }
        await (await Postgres.Value).DropDatabaseAsync(new NpgsqlConnectionStringBuilder(connectionString).Database!);
    }

    public async ValueTask DisposeAsync()
    {
        if (Postgres.IsValueCreated)
        {
            await (await Postgres.Value).DisposeAsync();
        }
        if (SqliteTemplate.IsValueCreated)
        {
            File.Delete(await SqliteTemplate.Value);
        }
    }

    private static async Task<string> MigratePostgresAsync()
    {
        var server = await Postgres.Value;
        var name = await server.CreateDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(server.ConnectionStringOf(name)))
        {
            var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
            DataServices.UsePostgreSql(options, source);
            await using var db = new OrchestratorDbContext(options.Options);
            await db.Database.MigrateAsync();
        }
        return name;
    }

    private static async Task<string> MigrateSqliteAsync()
    {
        var file = Path.Combine(Path.GetTempPath(), $"orchestrator-template-{Guid.NewGuid():N}.db");
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UseSqlite(options, $"Data Source={file};Pooling=False");
        await using var db = new OrchestratorDbContext(options.Options);
        await db.Database.MigrateAsync();
        return file;
    }
}

/// <summary>Runs the theory once on SQLite and once on PostgreSQL; more arguments follow the provider.</summary>
public sealed class EachDatabaseAttribute(params object?[] arguments) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [.. Enum.GetValues<DatabaseProvider>().Select(provider => new TheoryDataRow([provider, .. arguments]))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
