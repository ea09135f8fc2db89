using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Microsoft.Extensions.Options;

namespace Orchestrator.Web.Hosting;

/// <summary>For verbs that work on the installation's database, beside a server or without one.</summary>
internal static class BesideServer
{
    public const string NotReady = "The database does not have this version's tables yet. Start the server once, then run this again.";

    /// <param name="isAlone">The verb must not run beside a server that has the data directory for itself.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, bool isAlone = false)
    {
        var builder = WebServer.CreateBuilder(args);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // The answer is what is printed.
            ["Logging:LogLevel:Default"] = nameof(LogLevel.Warning),
            ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = nameof(LogLevel.Error),
        });
        builder.Services.AddData(builder.Configuration.GetSection(WebServer.Section));
        if (!isAlone)
        {
            builder.Services.AddSingleton(provider => DataDirectory.Beside(provider.GetRequiredService<IOptions<DataOptions>>().Value));
        }
        return builder;
    }

    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static async Task<bool> IsReadyAsync(IServiceProvider services)
    {
        services.GetRequiredService<IStartupValidator>().Validate();
        await using var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        return !(await db.Database.GetPendingMigrationsAsync()).Any();
    }
}
