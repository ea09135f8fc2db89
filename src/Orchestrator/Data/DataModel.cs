using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Orchestrator.Data;

/// <summary>The model as each database sees it, built once in a process.</summary>
/// <remarks>That keeps one processor busy for most of a second, so a server begins with it before it needs it.</remarks>
public static class DataModel
{
    private static readonly Dictionary<DatabaseProvider, Lazy<IModel>> Models =
        Enum.GetValues<DatabaseProvider>().ToDictionary(provider => provider, provider => new Lazy<IModel>(() => Build(provider)));

    public static IModel For(DatabaseProvider provider) => Models[provider].Value;

    private static IModel Build(DatabaseProvider provider)
    {
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        // Neither database is connected for it.
        using var nowhere = NpgsqlDataSource.Create("Host=nowhere");
        if (provider == DatabaseProvider.PostgreSql)
        {
            DataServices.UsePostgreSql(options, nowhere);
        }
        else
        {
            DataServices.UseSqlite(options, "");
        }
        using var db = new OrchestratorDbContext(options.Options);
        return db.Model;
    }
}
