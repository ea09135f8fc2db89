using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orchestrator.AwsSimulator.Activity;

namespace Orchestrator.AwsSimulator;

/// <summary>
/// A stand-in for AWS STS and S3 that verifies what AWS verifies. It lives inside another process without touching it:
/// no console, no environment, no signal handlers, no settings files. Several may run side by side.
/// </summary>
public sealed class AwsSimulatorServer : IAsyncDisposable
{
    private readonly HttpClient _issuers;

    private AwsSimulatorServer(WebApplication application, ActivityLog activity, HttpClient issuers)
    {
        Application = application;
        Activity = activity;
        _issuers = issuers;
    }

    /// <summary>For callers that want to run it as they run their own.</summary>
    public WebApplication Application { get; }

    /// <summary>What was called and what was refused, and why. The same as <c>/_simulator/events</c> and
    /// <c>/_simulator/explain</c>.</summary>
    public ActivityLog Activity { get; }

    /// <summary>The first address it listens on, with its real port; for <c>AWS_ENDPOINT_URL_STS</c> and
    /// <c>AWS_ENDPOINT_URL_S3</c>.</summary>
    /// <exception cref="InvalidOperationException">It has not been started.</exception>
    public Uri Address => new(Application.Urls.FirstOrDefault()
        ?? throw new InvalidOperationException("The simulator has no address before it is started."));

    /// <summary>Puts a simulator together; nothing listens until it is started.</summary>
    public static AwsSimulatorServer Build(AwsSimulatorOptions options)
    {
        // The empty builder reads neither ASPNETCORE_ variables nor an appsettings.json of the embedding process.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "Orchestrator.AwsSimulator",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.WebHost
            .UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .UseUrls([.. options.Urls])
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = options.MaxObjectBytes + (2L * 1024 * 1024);
                // S3 and STS speak HTTP/1.1 only, and clients behave differently over HTTP/2.
                kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
                kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = options.ServerCertificate);
            });
        options.ConfigureLogging?.Invoke(builder.Logging);
        // The host logs each request's query string, and STS takes tokens there.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        // Signals belong to the embedding process, which stops the simulator when it wants to.
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();

        var application = builder.Build();
        var activity = new ActivityLog();
        var issuers = IssuerClient(options);
        var endpoint = SimulatorEndpoint.Create(
            options, activity, issuers, application.Services.GetRequiredService<ILoggerFactory>());
        application.Run(endpoint.HandleAsync);
        return new AwsSimulatorServer(application, activity, issuers);
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address is taken.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => Application.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Application.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Application.DisposeAsync();
        _issuers.Dispose();
    }

    private static HttpClient IssuerClient(AwsSimulatorOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // Issuers are local more often than not; a company's proxy could not reach them.
            UseProxy = false,
            // An issuer that moves to another key or certificate is noticed.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        };
        if (options.IssuerAuthorities.Count > 0)
        {
            // A private authority publishes no revocation list that could be asked.
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(options.IssuerAuthorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
