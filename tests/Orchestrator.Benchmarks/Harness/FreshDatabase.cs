using System.Globalization;
using Npgsql;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>A database of its own on the PostgreSQL server, so that nobody measures what another measurement has left; gone afterwards. On SQLite
/// a fresh data directory has one.</summary>
internal sealed class FreshDatabase : IAsyncDisposable
{
    private readonly BenchmarkOptions _server;
    private readonly string? _name;

    private FreshDatabase(BenchmarkOptions server, string? name)
    {
        (_server, _name) = (server, name);
        Options = name is null ? server : server with
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString,
        };
    }

    /// <summary>The same options, with this database.</summary>
    public BenchmarkOptions Options { get; }

    public static async Task<FreshDatabase> CreateAsync(BenchmarkOptions options)
    {
        var fresh = new FreshDatabase(
            options, options.Database == DatabaseProvider.Sqlite ? null : string.Create(CultureInfo.InvariantCulture, $"benchmark_{Guid.NewGuid():N}"));
        await fresh.ExecuteAsync("CREATE DATABASE");
        return fresh;
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync("DROP DATABASE", " WITH (FORCE)");

    private async Task ExecuteAsync(string statement, string rest = "")
    {
        if (_name is null)
        {
            return;
        }
        await using var server = NpgsqlDataSource.Create(_server.ConnectionString!);
        // A name that was made up here, which cannot be a parameter.
        await using var command = server.CreateCommand($"{statement} {_name}{rest}");
        await command.ExecuteNonQueryAsync();
    }
}
