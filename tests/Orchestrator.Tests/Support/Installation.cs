using Hangfire;
using Hangfire.InMemory;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Credentials.Aws;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;

namespace Orchestrator.Tests.Support;

/// <summary>The platform without its web server: the real registrations on a real database of its own.</summary>
internal sealed class Installation : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly bool _ownsData;
    private readonly InMemoryStorage _jobs;
    private readonly bool _ownsJobs;
    private readonly ServiceProvider _services;
    private readonly Action<IServiceCollection>? _configure;

    private Installation(DatabaseProvider provider, string directory, string connectionString, Installation? origin, Action<IServiceCollection>? configure,
        InMemoryStorage? jobs = null)
    {
        (Provider, DirectoryPath, ConnectionString, _configure) = (provider, directory, connectionString, configure);
        _ownsData = origin is null;
        Clock = origin?.Clock ?? new FakeTimeProvider(Start);
        (_jobs, _ownsJobs) = (jobs ?? new InMemoryStorage(), jobs is null);
        var services = new ServiceCollection();
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orchestrator:DataDirectory"] = directory,
            ["Orchestrator:Database:Provider"] = provider.ToString(),
            ["Orchestrator:Database:ConnectionString"] = connectionString,
            ["Orchestrator:Issuer"] = "https://orchestrator.example",
            ["Orchestrator:IssuerIsElsewhere"] = "false",
            ["Orchestrator:Runs:ForceCancelAfter"] = "00:00:30",
        }).Build().GetSection("Orchestrator");
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<ILoggerFactory>(Logs);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<JobStorage>(_jobs);
        services.AddSingleton<IBackgroundJobClientV2>(new BackgroundJobClient(_jobs));
        services.AddSingleton<IStateApi>(new UnusedStateApi());
        services.AddSingleton<ICredentialEndpoint>(new UnusedEndpoint());
        services.AddSingleton(new Sandbox(null, "off in this test"));
        services.AddSingleton(Programs.Fake);
        services.AddData(section);
        services.AddRuns(section);
        services.AddRunWorker(section);
        configure?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public DatabaseProvider Provider { get; }

    public string DirectoryPath { get; }

    public string ConnectionString { get; }

    public FakeTimeProvider Clock { get; }

    public RecordedLogs Logs { get; } = new();

    public IDbContextFactory<OrchestratorDbContext> Databases => Get<IDbContextFactory<OrchestratorDbContext>>();

    public static async Task<Installation> CreateAsync(DatabaseProvider provider, Action<IServiceCollection>? configure = null)
    {
        var directory = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;
        return new Installation(provider, directory, await Support.Databases.CreateAsync(provider, directory), origin: null, configure);
    }

    /// <summary>Another process of the same installation: same database, data directory and clock, its own worker.</summary>
    /// <remarks>On SQLite a data directory has one process at a time, so call <see cref="CrashAsync"/> first.</remarks>
    /// <param name="sharesJobs">As processes do on PostgreSQL. Otherwise the jobs of this one are lost.</param>
    public Installation Beside(Action<IServiceCollection>? configure = null, bool sharesJobs = false) =>
        new(Provider, DirectoryPath, ConnectionString, this, configure ?? _configure, sharesJobs ? _jobs : null);

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public OrchestratorDbContext Open() => Databases.CreateDbContext();

    /// <summary>The ids of the runs that were handed to the workers through this queue, oldest first.</summary>
    public IReadOnlyList<string> JobsIn(string queue) =>
        [.. _jobs.GetMonitoringApi().EnqueuedJobs(queue, 0, 100).Select(job => (string)job.Value.Job.Args[0])];

    /// <summary>A worker takes all jobs of a queue, and dies with them in its hands.</summary>
    public void LoseJobsIn(string queue)
    {
        for (var left = JobsIn(queue).Count; left > 0; left--)
        {
            using var connection = _jobs.GetConnection();
            _ = connection.FetchNextJob([queue], CancellationToken.None);
        }
    }

    /// <summary>The process ends without having done anything about its runs.</summary>
    public ValueTask CrashAsync() => _services.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_ownsJobs)
        {
            _jobs.Dispose();
        }
        if (_ownsData)
        {
            await Support.Databases.RemoveAsync(Provider, ConnectionString);
            DirectoryRemoval.Remove(DirectoryPath);
        }
    }

    private sealed class UnusedEndpoint : ICredentialEndpoint
    {
        public Task<CredentialDoor> OpenAsync(Func<string, CancellationToken, Task<AwsSession>?> answer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    private sealed class UnusedStateApi : IStateApi
    {
        public Uri Address => new("http://127.0.0.1:1/api/v2/");

        public IReadOnlyList<string> Hosts => [];

        public Task<bool> AnswersAsync(CancellationToken cancellationToken) => Task.FromResult(true);
    }
}
