using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;
using Orchestrator.Data;

namespace Orchestrator.Migrations.PostgreSql;

/// <summary>For <c>dotnet ef migrations add</c>, which needs the model and no database.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<OrchestratorDbContext>
{
    public OrchestratorDbContext CreateDbContext(string[] args)
    {
        var builder = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UsePostgreSql(builder, NpgsqlDataSource.Create("Host=localhost"));
        return new OrchestratorDbContext(builder.Options);
    }
}
