using System.Reflection;
using Hangfire.AspNetCore;
using Hangfire.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.AwsSimulator;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SharedPlatforms))]

namespace Orchestrator.Web.Tests.Support;

/// <summary>The real application, started in this process: its web server, its workers, the real terraform, the real sandbox, and the
/// simulator. It has a data directory and a database of its own.</summary>
public sealed class Platform : IAsyncDisposable
{
    public const string AdminToken = Planted.Mark + "an-admin-token-for-tests-0123456789";

    private static readonly RecordedLogs HangfireLogs = new();
    private static readonly ILoggerFactory HangfireLog = LoggerFactory.Create(builder => builder.AddProvider(HangfireLogs));

    private readonly WebApplication _app;
    private readonly RecordedLogs _logs;
    private readonly string _outside;
    private bool _isEnded;

    private Platform(WebApplication app, RecordedLogs logs, StsRecorder sts, DatabaseProvider provider, string directory, string outside)
    {
        (_app, _logs, Sts, Provider, DirectoryPath, _outside) = (app, logs, sts, provider, directory, outside);
        Address = new Uri(app.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal)));
        SecureAddress = new Uri(app.Urls.First(url => url.StartsWith("https:", StringComparison.Ordinal)));
        Api = new ApiClient(Address, AdminToken);
        Anonymous = new ApiClient(Address);
    }

    public DatabaseProvider Provider { get; }

    /// <summary>The data directory.</summary>
    public string DirectoryPath { get; }

    public Uri Address { get; }

    /// <summary>The same server over HTTPS.</summary>
    public Uri SecureAddress { get; }

    /// <summary>The certificate that those who use <see cref="SecureAddress"/> have to trust.</summary>
    public string AuthorityFile
    {
        get
        {
            var authority = Get<LocalAuthority>();
            // The first one to ask for it makes it.
            _ = authority.ServerCertificate;
            return authority.AuthorityFile;
        }
    }

    /// <summary>Calls as the admin.</summary>
    public ApiClient Api { get; }

    public ApiClient Anonymous { get; }

    /// <summary>Set by a test that puts secrets where they may be read, to see them found, or that breaks what would be searched.</summary>
    public bool IsNotSearched { get; set; }

    public StsRecorder Sts { get; }

    public AwsSimulatorServer Simulator => Get<Simulator>().Server!;

    public IReadOnlyCollection<string> LoggedErrors => [.. _logs.Errors, .. HangfireLogs.Errors];

    /// <summary>The failure names each of them whole: what happened once on another machine has to be told by its message.</summary>
    public void ExpectNoLoggedErrors() => Assert.True(LoggedErrors.Count == 0, string.Join('\n', LoggedErrors));

    /// <summary>Messages of any kind that hold a secret of a test's (<see cref="Planted"/>).</summary>
    public IReadOnlyCollection<string> LoggedSecrets => _logs.Secrets;

    public IReadOnlyCollection<string> LoggedWarnings => _logs.Warnings;

    public static Task<Platform> StartAsync(
        DatabaseProvider provider = DatabaseProvider.Sqlite, params (string Name, string Value)[] settings) =>
        StartAsync(provider, TimeProvider.System, settings);

    /// <param name="clock">What the platform takes for the time. The simulator has the right one.</param>
    public static async Task<Platform> StartAsync(
        DatabaseProvider provider, TimeProvider clock, params (string Name, string Value)[] settings)
    {
        var outside = Directory.CreateTempSubdirectory("orchestrator-web-test-").FullName;
        var directory = Path.Combine(outside, "data");
        var sts = await StsRecorder.StartAsync();
        var logs = new RecordedLogs();
        var values = new Dictionary<string, string?>
        {
            ["Orchestrator:DataDirectory"] = directory,
            ["Orchestrator:AdminToken"] = AdminToken,
            // Four tests at a time share it, some with runs that last for minutes: nobody is to wait for a place.
            ["Orchestrator:Worker:MaxConcurrentRuns"] = "8",
            // All tests are one caller.
            ["Orchestrator:Api:RateLimit"] = "0",
            // Nobody goes to the network for a version that a test asks for.
            ["Orchestrator:Engines:Fetch"] = "Never",
            // Two RSA keys take longer than the rest of the start; the shared platforms sign as the default says.
            ["Orchestrator:SigningKeys:Algorithm"] = "ES256",
            // Code hosts of tests are on loopback.
            ["Orchestrator:Vcs:AllowPrivateAddresses"] = "true",
            ["Orchestrator:Vcs:AllowHttp"] = "true",
            ["Orchestrator:AwsSimulator:Enabled"] = "true",
            ["Orchestrator:AwsSimulator:Url"] = "http://127.0.0.1:0",
            ["Orchestrator:AwsSimulator:Config"] = Accounts.Write(outside),
            ["Orchestrator:Aws:StsEndpoint"] = sts.Address,
            ["Orchestrator:Database:Provider"] = provider.ToString(),
            ["Orchestrator:Database:ConnectionString"] =
                provider == DatabaseProvider.PostgreSql ? await SharedPlatforms.NewPostgresDatabaseAsync() : null,
        };
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }
        var app = await WebServer.BuildAsync(["--urls", "http://127.0.0.1:0;https://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(values);
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(logs);
            builder.Services.AddSingleton(clock);
        });
        app.MapGet("/api/v2/nobody-said-who-may", () => "open").ExcludeFromDescription();
        app.MapGet("/nobody-said-who-may", () => "open").ExcludeFromDescription();
        await app.StartAsync();
        // Hangfire logs to the server that was started last, also when that one has ended: its own worker would lose jobs over it.
        LogProvider.SetCurrentLogProvider(new AspNetCoreLogProvider(HangfireLog));
        var platform = new Platform(app, logs, sts, provider, values["Orchestrator:DataDirectory"]!, outside);
        sts.Simulator = platform.Simulator.Address;
        return platform;
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public OrchestratorDbContext Open() => Get<IDbContextFactory<OrchestratorDbContext>>().CreateDbContext();

    /// <summary>The same, when all that was recorded until now has its place in the audit trail.</summary>
    public async Task<OrchestratorDbContext> OpenTrailAsync()
    {
        await Get<Data.Audit.AuditTrail>().CatchUpAsync(CancellationToken.None);
        return Open();
    }

    public async ValueTask DisposeAsync()
    {
        // A test that has ended it, to see what it has said, ends it once more by leaving.
        if (_isEnded)
        {
            return;
        }
        _isEnded = true;
        await _app.StopAsync();
        var secrets = IsNotSearched ? [] : await Planted.FindAsync(this);
        await _app.DisposeAsync();
        await Sts.DisposeAsync();
        Api.Dispose();
        Anonymous.Dispose();
        DirectoryRemoval.Remove(_outside);
        if (secrets.Count > 0)
        {
            throw new InvalidOperationException("The server keeps secrets of tests in the clear:\n" + string.Join("\n", secrets.Distinct()));
        }
    }
}

/// <summary>The platforms that most tests share: one for each database, started when the first test wants it.</summary>
public sealed class SharedPlatforms : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Postgres = new(PostgresServer.StartAsync);
    private static readonly Dictionary<DatabaseProvider, Lazy<Task<Platform>>> Platforms = Enum.GetValues<DatabaseProvider>()
        .ToDictionary(provider => provider, provider => new Lazy<Task<Platform>>(() => Platform.StartAsync(provider, ("Orchestrator:SigningKeys:Algorithm", "RS256"))));

    public static Task<Platform> OfAsync(DatabaseProvider provider = DatabaseProvider.Sqlite) => Platforms[provider].Value;

    public static async Task<string> NewPostgresDatabaseAsync()
    {
        var server = await Postgres.Value;
        return server.ConnectionStringOf(await server.CreateDatabaseAsync());
    }

    public async ValueTask DisposeAsync()
    {
        var (errors, secrets) = (new List<string>(), new List<string>());
        foreach (var platform in Platforms.Values.Where(platform => platform.IsValueCreated))
        {
            var started = await platform.Value;
            try
            {
                await started.DisposeAsync();
            }
            catch (InvalidOperationException found)
            {
                secrets.Add(found.Message);
            }
            errors.AddRange(started.LoggedErrors);
        }
        if (Postgres.IsValueCreated)
        {
            await (await Postgres.Value).DisposeAsync();
        }
        if (secrets.Count > 0)
        {
            throw new InvalidOperationException(string.Join("\n", secrets));
        }
        if (errors.Count > 0)
        {
            throw new InvalidOperationException("The server has logged errors that no test expects:\n" + string.Join("\n", errors));
        }
    }
}

/// <summary>Runs the theory once on SQLite and once on PostgreSQL; more arguments follow the provider.</summary>
public sealed class EachDatabaseAttribute(params object?[] arguments) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [.. Enum.GetValues<DatabaseProvider>().Select(provider => new TheoryDataRow([provider, .. arguments]))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
