using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>The server's own database, to read what its API does not tell and to fill it faster than through the API.</summary>
internal sealed class Database(BenchmarkOptions options, string dataDirectory) : IDisposable
{
    private readonly NpgsqlDataSource? _postgres =
        options.Database == DatabaseProvider.PostgreSql ? NpgsqlDataSource.Create(options.ConnectionString!) : null;

    public OrchestratorDbContext Open()
    {
        var builder = new DbContextOptionsBuilder<OrchestratorDbContext>();
        if (_postgres is null)
        {
            DataServices.UseSqlite(builder, $"Data Source={Path.Combine(dataDirectory, "orchestrator.db")}");
        }
        else
        {
            DataServices.UsePostgreSql(builder, _postgres);
        }
        return new OrchestratorDbContext(builder.Options);
    }

    /// <summary>What PostgreSQL does by itself a minute after much has changed. SQLite does it for nobody.</summary>
    public async Task AnalyzeAsync()
    {
        if (_postgres is not null)
        {
            await using var db = Open();
            await db.Database.ExecuteSqlRawAsync("ANALYZE");
        }
    }

    public void Dispose() => _postgres?.Dispose();
}
