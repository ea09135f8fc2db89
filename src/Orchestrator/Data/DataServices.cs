using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Sqlite.Storage.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Orchestrator.Data.Announcements;
using Orchestrator.Data.Audit;
using Orchestrator.Data.Blobs;
using Orchestrator.Data.Moving;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Data;

public static class DataServices
{
    public const string SqliteMigrations = "Orchestrator.Migrations.Sqlite";
    public const string PostgreSqlMigrations = "Orchestrator.Migrations.PostgreSql";

    private const string ApplicationName = "Orchestrator";

    public static IServiceCollection AddData(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<DataOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<DataOptions>, DataOptionsValidation>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<Instruments>();
        services.AddSingleton<DatabaseErrors>();
        services.AddSingleton<SecretBox>();
        services.AddSingleton<AuditChainWriter>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AuditVerification>();
        services.AddPooledDbContextFactory<OrchestratorDbContext>(UseDatabase);
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContext());

        var keys = services.AddDataProtection().SetApplicationName(ApplicationName);
        var provider = section.Get<DataOptions>()?.Database.Provider ?? DatabaseProvider.Sqlite;
        if (provider == DatabaseProvider.PostgreSql)
        {
            keys.PersistKeysToDbContext<OrchestratorDbContext>();
            services.AddSingleton(services => NpgsqlDataSource.Create(PostgreSqlConnections.Tuned(ConnectionString(services))));
            services.AddSingleton<IBlobStore, DatabaseBlobStore>();
            services.AddSingleton<PostgresAnnouncements>();
            services.AddSingleton<IAnnouncements>(services => services.GetRequiredService<PostgresAnnouncements>());
            services.AddSingleton<INeighbours>(services => services.GetRequiredService<PostgresAnnouncements>());
            services.AddSingleton<IHostedService>(services => services.GetRequiredService<PostgresAnnouncements>());
        }
        else
        {
            keys.PersistKeysToFileSystem(new DirectoryInfo(Path.Combine((section.Get<DataOptions>() ?? new DataOptions()).Root, "keys")));
            services.AddSingleton<IBlobStore, FileBlobStore>();
            services.AddSingleton<IAnnouncements, LocalAnnouncements>();
            services.AddSingleton<INeighbours, NoNeighbours>();
        }
        KeyRingSetup.Protect(keys, section.GetSection(KeyRingSetup.Section));
        services.AddSingleton<SecretRotation>();
        services.AddTransient<SecretCheck>();
        services.AddSingleton<InstallationExport>();
        services.AddSingleton(provider => new InstallationImport(
            provider.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>(), provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<IOptions<DataOptions>>(), provider.GetRequiredService<IKeyManager>(), provider.GetRequiredService<KeyRing>(),
            section.GetSection(KeyRingSetup.Section)));
        return services;
    }

#pragma warning disable EF1001 // SqliteOpenConnection says why.
    public static void UseSqlite(DbContextOptionsBuilder builder, string connectionString) => builder
        .UseSqlite(connectionString, sqlite => sqlite.MigrationsAssembly(SqliteMigrations))
        .AddInterceptors(SqliteTuning.Instance, SqliteStatements.Instance)
        .ReplaceService<ISqliteRelationalConnection, SqliteOpenConnection>()
        .UseSeeding((db, _) => AuditGuards.Install(db))
        .UseAsyncSeeding((db, _, cancellationToken) => AuditGuards.InstallAsync(db, cancellationToken))
        // To change a column SQLite copies its table, with foreign keys off for that while. Nobody else uses the database then.
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.NonTransactionalMigrationOperationWarning));
#pragma warning restore EF1001

    public static void UsePostgreSql(DbContextOptionsBuilder builder, NpgsqlDataSource database) => builder
        .UseNpgsql(database, postgres => postgres.MigrationsAssembly(PostgreSqlMigrations))
        .UseSeeding((db, _) => AuditGuards.Install(db))
        .UseAsyncSeeding((db, _, cancellationToken) => AuditGuards.InstallAsync(db, cancellationToken));

    private static void UseDatabase(IServiceProvider services, DbContextOptionsBuilder builder)
    {
        var provider = services.GetRequiredService<IOptions<DataOptions>>().Value.Database.Provider;
        builder.UseModel(DataModel.For(provider));
        // A test sees to it that none are pending; looking for them would build the model once more at each start.
        builder.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)
            // The only rows without an order are those of which no more is wanted than how many there are.
            .Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning));
        var errors = services.GetRequiredService<DatabaseErrors>();
        builder.AddInterceptors(errors, errors.OfConnections);
        if (provider == DatabaseProvider.PostgreSql)
        {
            UsePostgreSql(builder, services.GetRequiredService<NpgsqlDataSource>());
        }
        else
        {
            UseSqlite(builder, ConnectionString(services));
        }
    }

    private static string ConnectionString(IServiceProvider services) =>
        services.GetRequiredService<IOptions<DataOptions>>().Value.Database.ConnectionString
        ?? $"Data Source={services.GetRequiredService<DataDirectory>().DatabaseFile}";

    private sealed class DataOptionsValidation : IValidateOptions<DataOptions>
    {
        public ValidateOptionsResult Validate(string? name, DataOptions options) =>
            options.Database is { Provider: DatabaseProvider.PostgreSql, ConnectionString: null or "" }
                ? ValidateOptionsResult.Fail("Orchestrator:Database:Provider is PostgreSql, but "
                    + "Orchestrator:Database:ConnectionString is not set. Set it, for instance to "
                    + "'Host=localhost;Database=orchestrator;Username=orchestrator'.")
                : ValidateOptionsResult.Success;
    }
}
