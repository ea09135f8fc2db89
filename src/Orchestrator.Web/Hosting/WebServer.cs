using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Credentials.Aws;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Access;
using Orchestrator.Web.Access.Login;
using Orchestrator.Web.Api;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.Limits;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Credentials;
using Orchestrator.Web.Issuer;
using Orchestrator.Web.Pages;
using Orchestrator.Web.Telemetry;
using Orchestrator.Web.Webhooks;
using Orchestrator.WorkloadIdentity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Web.Hosting;

/// <summary>Puts the server together: what it consists of, and which doors it opens.</summary>
public static class WebServer
{
    public const string Section = "Orchestrator";
    public const string DefaultUrls = "http://localhost:8080;https://localhost:8443";

    public const string DefaultWorkerUrls = "http://localhost:8081";

    /// <summary>For interrupted terraforms, and for requests under way, when a process ends.</summary>
    private static readonly TimeSpan TimeToSave = TimeSpan.FromMinutes(1);

    /// <summary>Everything in one process. Finds the engine and the sandbox, and builds a server that has its database but does not
    /// listen yet.</summary>
    public static Task<WebApplication> BuildAsync(string[] args, Action<WebApplicationBuilder>? configure = null) =>
        BuildAsync(args, configure, builder => builder.Services.AddHostedService<RunWorker>());

    /// <summary>Everything but the worker: what people and programs talk to, on a database that workers share.</summary>
    public static Task<WebApplication> BuildWebAsync(string[] args, Action<WebApplicationBuilder>? configure = null) =>
        BuildAsync(args, configure, builder => builder.Services.AddSingleton<IValidateOptions<DataOptions>, SharedDatabase>());

    private static async Task<WebApplication> BuildAsync(
        string[] args, Action<WebApplicationBuilder>? configure, Action<WebApplicationBuilder> addRole)
    {
        var builder = await CreateAsync(args, DefaultUrls, configure);
        addRole(builder);
        AddFrontDoors(builder);
        var app = builder.Build();
        // Made or refused now, and not by the first request.
        app.Services.GetRequiredService<AdminToken>();
        await PrepareAsync(app.Services);
        var certificate = PrepareCertificateAsync(app);
        MapFrontDoors(app);
        await certificate;
        return app;
    }

    /// <summary>Only the worker: it takes runs from the shared queue, and answers health checks and metrics.</summary>
    public static async Task<WebApplication> BuildWorkerAsync(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = await CreateAsync(args, DefaultWorkerUrls, configure);
        builder.Services.AddSingleton<IValidateOptions<DataOptions>, SharedDatabase>();
        builder.Services.AddSingleton<IValidateOptions<WorkerOptions>, SeparateWorker>();
        builder.Services.AddHostedService<RunWorker>();
        var app = builder.Build();
        await PrepareAsync(app.Services);
        app.Services.GetRequiredService<IssuerSetting>().WarnSeparateWorker();
        app.UseForwardedHeaders();
        app.UseMiddleware<MetricsGate>();
        MapOperations(app);
        return app;
    }

    /// <summary>Nothing but the settings, from where every verb takes them.</summary>
    internal static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = args,
        // The assets' list carries this name, also when a test starts the server.
        ApplicationName = typeof(WebServer).Assembly.GetName().Name,
        // Settings and assets lie beside the program, wherever it is started from.
        ContentRootPath = AppContext.BaseDirectory,
        WebRootPath = "wwwroot",
    });

    private static async Task<WebApplicationBuilder> CreateAsync(string[] args, string urls, Action<WebApplicationBuilder>? configure)
    {
        var builder = CreateBuilder(args);
        configure?.Invoke(builder);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(urls);
        }
        builder.AddTelemetryExport();
        builder.AddSystemdNotices();
        await AddRunsAsync(builder);
        return builder;
    }

    /// <summary>What carries runs out, in every role.</summary>
    private static async Task AddRunsAsync(WebApplicationBuilder builder)
    {
        var (services, section) = (builder.Services, builder.Configuration.GetSection(Section));
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Apply(kestrel.Limits);
            // A selector would win over a certificate.
            if (!LocalAuthority.HasCertificate(context.Configuration))
            {
                kestrel.ConfigureHttpsDefaults(https => https.ServerCertificateSelector =
                    (_, _) => kestrel.ApplicationServices.GetRequiredService<LocalAuthority>().ServerCertificate);
            }
        });

        var data = section.Get<DataOptions>() ?? new DataOptions();
        var database = data.Database;
        // Nobody waits for it: whoever needs the model first waits for what is left.
        _ = Task.Run(() => DataModel.For(database.Provider));
        var engine = section.Get<TerraformOptions>() ?? new TerraformOptions();
        // Both start programs, which takes its time.
        var finding = Sandbox.FindAsync(engine, data.Root, CancellationToken.None);
        var terraform = TerraformEngine.FindAsync(Options.Create(engine), CancellationToken.None);

        services.AddData(section);
        services.AddRuns(section);
        services.AddRunWorker(section);
        services.AddJobQueue(database);
        services.AddOptions<SimulatorOptions>().Bind(section.GetSection("AwsSimulator"));
        services.AddSingleton<ServerAddresses>();
        services.AddSingleton<IStateApi, StateApi>();
        services.AddSingleton<IWitness, StateApiWitness>();
        services.AddTrustedProxies(section);
        services.AddMetricsGate(section);
        services.AddIssuerSetting(section);
        services.AddOptions<IssuerOptions>().PostConfigure<ServerAddresses>((issuer, addresses) =>
            issuer.Issuer = issuer.Issuer.Length > 0 ? issuer.Issuer : addresses.Local);
        services.AddSingleton<ICredentialEndpoint, CredentialEndpoint>();
        services.AddSingleton<LocalAuthority>();
        services.AddSingleton<Simulator>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<Simulator>());
        services.AddSingleton<ITrustPolicies>(provider => provider.GetRequiredService<Simulator>());
        services.AddAuditUpkeep(section);
        services.AddHostedService<KeyRingWatch>();
        services.AddOptions<HostOptions>().Configure<IOptions<WorkerOptions>>((host, worker) => host.ShutdownTimeout = worker.Value.TimeToDrain + TimeToSave);
        services.AddSingleton(await terraform);
        var sandbox = await finding;
        services.AddSingleton(sandbox);
        services.AddSingleton<HealthChecks>();
        services.PostConfigure<DataOptions>(options => options.RunsDirectory ??= sandbox.Runs);
    }

    /// <summary>What people and programs talk to.</summary>
    private static void AddFrontDoors(WebApplicationBuilder builder)
    {
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddOptions<AdminOptions>().Bind(builder.Configuration.GetSection(Section));
        builder.Services.AddRights();
        builder.Services.AddCompanySignIn(builder.Configuration.GetSection(Section).GetSection("OpenIdConnect"));
        builder.Services.AddAudit();
        builder.Services.AddTerraformLogin();
        builder.Services.AddApi();
        builder.Services.AddApiLimits(builder.Configuration.GetSection(Section));
        builder.Services.AddPages();
        builder.Services.AddOpenApi(openApi => openApi.AddOperationTransformer<ApiDescription>());
    }

    /// <summary>What must be right before the server listens: its settings and its schema.</summary>
    private static async Task PrepareAsync(IServiceProvider services)
    {
        // Before the host does, who would log a stack trace about a wrong setting.
        services.GetRequiredService<IStartupValidator>().Validate();
        await using var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        await MigrateCommand.PrepareAsync(db, services.GetRequiredService<IOptions<DataOptions>>().Value.Database);
        await services.GetRequiredService<FirstAccess>().PrepareAsync(CancellationToken.None);
        await services.GetRequiredService<ServedPools>().FindAsync(CancellationToken.None);
        services.GetRequiredService<IssuerSetting>().Warn();
        KeyRingWarning.Warn(services);
    }

    /// <summary>Whoever sees that the server is up may hand the authority's file to terraform at once.</summary>
    private static Task PrepareCertificateAsync(WebApplication app)
    {
        var authority = app.Services.GetRequiredService<LocalAuthority>();
        var isSecure = app.Configuration[WebHostDefaults.ServerUrlsKey]?.Contains("https://", StringComparison.OrdinalIgnoreCase) == true;
        return isSecure && authority.IsNeeded ? Task.Run(() => authority.ServerCertificate) : Task.CompletedTask;
    }

    private static void MapOperations(WebApplication app)
    {
        app.MapHealth();
        app.MapGuardedMetrics();
    }

    private static void MapFrontDoors(WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseExceptionHandler(Failures.Answer);
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<ApiHeaders>();
        app.UseMiddleware<AuditMiddleware>();
        app.UseAuthentication();
        app.UseMiddleware<MetricsGate>();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseMiddleware<FormGate>();

        MapOperations(app);
        app.MapTerraformDiscovery();
        app.MapIssuer(app.Services.GetRequiredService<IssuerSetting>().Path);
        app.MapApi();
        app.MapWebhooks();
        app.MapSignIn();
        app.MapPasskeys();
        app.MapInvitations();
        app.MapCompanySignIn();
        app.MapCompanyLinks();
        app.MapTerraformLogin();
        app.MapPages();
        app.MapOpenApi().AllowAnonymous();
    }

    /// <summary>Who works with others needs a database that several processes can share.</summary>
    private sealed class SharedDatabase : IValidateOptions<DataOptions>
    {
        public ValidateOptionsResult Validate(string? name, DataOptions options) => options.Database.Provider == DatabaseProvider.PostgreSql
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("'web' and 'worker' need PostgreSQL. Set Orchestrator__Database__Provider=PostgreSql "
                + "and Orchestrator__Database__ConnectionString, for all of them; or run 'serve', which is its own worker.");
    }

    /// <summary>A worker of its own must be told where the API is.</summary>
    private sealed class SeparateWorker : IValidateOptions<WorkerOptions>
    {
        public ValidateOptionsResult Validate(string? name, WorkerOptions options)
        {
            return Uri.TryCreate(options.ApiAddress, UriKind.Absolute, out _)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail("A separate worker must know where the API is. Set Orchestrator__Worker__ApiAddress, "
                    + "such as http://orchestrator.internal:8080.");
        }
    }
}
