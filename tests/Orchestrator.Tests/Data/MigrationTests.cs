using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class MigrationTests
{
    [Theory, EachDatabase]
    public void The_model_has_no_changes_without_a_migration(DatabaseProvider provider)
    {
        using var db = Unconnected(provider);

        Assert.False(
            db.Database.HasPendingModelChanges(),
            "The model has changed since the last migration. Run: bash eng/add-migration.sh NameOfTheChange");
    }

    [Theory, EachDatabase]
    public async Task An_empty_database_can_be_migrated_and_used(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);

        var workspace = await installation.WorkspaceAsync();

        Assert.Equal(workspace.Name, (await installation.ReadAsync(workspace.Id)).Name);
        await using var db = installation.Open();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
    }

    [Theory, EachDatabase]
    public async Task The_model_is_built_once_in_a_process(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);

        await using var db = installation.Open();

        Assert.Same(DataModel.For(provider), db.Model);
    }

    [Theory, EachDatabase]
    public void Every_enum_in_the_model_is_stored_by_its_name(DatabaseProvider provider)
    {
        using var db = Unconnected(provider);

        var asNumbers = db.Model.GetEntityTypes()
            .SelectMany(entity => entity.GetProperties())
            .Where(property => (Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType).IsEnum)
            .Where(property => property.GetTypeMapping().Converter?.ProviderClrType != typeof(string))
            .Select(property => property.Name);

        Assert.Empty(asNumbers);
    }

    private static OrchestratorDbContext Unconnected(DatabaseProvider provider)
    {
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        if (provider == DatabaseProvider.Sqlite)
        {
            DataServices.UseSqlite(options, "Data Source=:memory:");
        }
        else
        {
            DataServices.UsePostgreSql(options, NpgsqlDataSource.Create("Host=nowhere.invalid"));
        }
        return new OrchestratorDbContext(options.Options);
    }
}
