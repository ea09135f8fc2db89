using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Orchestrator.Data;

namespace Orchestrator.Migrations.Sqlite;

/// <summary>For <c>dotnet ef migrations add</c>, which needs the model and no database.</summary>
public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<OrchestratorDbContext>
{
    public OrchestratorDbContext CreateDbContext(string[] args)
    {
        var builder = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UseSqlite(builder, "Data Source=:memory:");
        return new OrchestratorDbContext(builder.Options);
    }
}
