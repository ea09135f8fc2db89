using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api;
using Orchestrator.Web.Issuer;
using Orchestrator.Web.Pages;
using Orchestrator.WorkloadIdentity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Orchestrator.Web.Hosting;

/// <summary>Puts the server together: what it consists of, and which doors it opens.</summary>
public static class WebServer
{
    public const string Section = "Orchestrator";
    public const string DefaultUrls = "http://localhost:8080;https://localhost:8443";

    /// <summary>Finds the engine and the sandbox, and builds a server that has its database but does not listen yet.</summary>
    public static async Task<WebApplication> BuildAsync(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            // Settings and assets lie beside the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = "wwwroot",
        });
        configure?.Invoke(builder);
        await AddServicesAsync(builder);
        var app = builder.Build();
        await PrepareAsync(app.Services);
        Map(app);
        return app;
    }

    private static async Task AddServicesAsync(WebApplicationBuilder builder)
    {
        var (services, section) = (builder.Services, builder.Configuration.GetSection(Section));
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrls);
        }
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificateSelector =
                (_, _) => kestrel.ApplicationServices.GetRequiredService<LocalAuthority>().ServerCertificate);
        });

        var engine = section.Get<TerraformOptions>() ?? new TerraformOptions();
        services.AddSingleton(await TerraformEngine.FindAsync(Options.Create(engine), CancellationToken.None));
        services.AddSingleton(await Sandbox.FindAsync(engine.Sandbox, CancellationToken.None));

        services.AddData(section);
        services.AddRuns(section);
        services.AddRunWorker(section);
        services.AddJobQueue(section.Get<DataOptions>()?.Database ?? new DatabaseOptions());
        services.AddOptions<AdminOptions>().Bind(section);
        services.AddOptions<SimulatorOptions>().Bind(section.GetSection("AwsSimulator"));
        services.AddSingleton<ServerAddresses>();
        services.AddSingleton<IStateApi>(provider => provider.GetRequiredService<ServerAddresses>());
        services.AddOptions<IssuerOptions>().PostConfigure<ServerAddresses>((issuer, addresses) =>
            issuer.Issuer = (issuer.Issuer.Length > 0 ? issuer.Issuer : addresses.Local).TrimEnd('/'));
        services.AddSingleton<LocalAuthority>();
        services.AddSingleton<Simulator>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<Simulator>());
        services.AddHostedService<RunWorker>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(5));

        services.AddRights();
        services.AddApi();
        services.AddPages();
        services.AddOpenApi();
    }

    /// <summary>The schema, and at the first start the key that signs run tokens: no run should wait for either.</summary>
    private static async Task PrepareAsync(IServiceProvider services)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        await db.Database.MigrateAsync();
        await services.GetRequiredService<SigningKeys>().ActiveAsync(CancellationToken.None);
    }

    private static void Map(WebApplication app)
    {
        app.UseExceptionHandler(Failures.Answer);
        app.UseMiddleware<SecurityHeaders>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapHealth();
        app.MapTerraformDiscovery();
        app.MapIssuer();
        app.MapApi();
        app.MapSignIn();
        app.MapPages();
        app.MapOpenApi().AllowAnonymous();
    }
}
