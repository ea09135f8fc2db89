using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Microsoft.Extensions.Options;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Vcs;

namespace Orchestrator.Web.Hosting;

internal static class JobServer
{
    static JobServer()
    {
        // Eight questions to the database for each run. No job here continues another one, and none has a culture.
        foreach (var unused in GlobalJobFilters.Filters.Where(filter => filter.Instance is ContinuationsSupportAttribute or CaptureCultureAttribute).ToArray())
        {
            GlobalJobFilters.Filters.Remove(unused.Instance);
        }
    }

    public static IServiceCollection AddJobQueue(this IServiceCollection services, DatabaseOptions database)
    {
        // Hangfire's own registration takes whichever storage was made last in the process, and there may be two servers in one.
        services.AddSingleton(provider =>
        {
            // It logs from its first moment, by what the configuration made last.
            provider.GetRequiredService<IGlobalConfiguration>();
            return StorageOf(database, provider);
        });
        services.AddHangfire((provider, hangfire) => hangfire
            .UseLogProvider(new JobLogs(provider.GetRequiredService<ILoggerFactory>()))
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings());
        return services;
    }

    private static JobStorage StorageOf(DatabaseOptions database, IServiceProvider provider)
    {
        if (database.Provider != DatabaseProvider.PostgreSql)
        {
            return new InMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromHours(1) });
        }
        var options = new PostgreSqlStorageOptions
        {
            UseSlidingInvisibilityTimeout = true,
            // Besides announcements, which may be missed.
            QueuePollInterval = TimeSpan.FromSeconds(1),
        };
        return new SharedJobStorage(
            new NpgsqlConnectionFactory(PostgreSqlConnections.Tuned(database.ConnectionString!), options), options, provider.GetRequiredService<IAnnouncements>());
    }
}

/// <summary>Takes jobs from the queue, but not before this server listens: a run's terraform keeps its state here.</summary>
internal sealed class RunWorker(
    IOptions<WorkerOptions> options, IOptions<VcsOptions> vcs, ServedPools pools, JobStorage storage, IServiceScopeFactory scopes, RunMetrics metrics,
    IHostApplicationLifetime lifetime)
    : IHostedLifecycleService, IDisposable
{
    /// <summary>A receiver that takes its time must not keep a run waiting, nor a run a notification.</summary>
    private const int Notifiers = 2;

    private BackgroundJobServer? _server;
    private BackgroundJobServer? _notifier;
    private BackgroundJobServer? _fetcher;
    private CancellationTokenRegistration _started;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started = lifetime.ApplicationStarted.Register(Begin);
        return Task.CompletedTask;
    }

    /// <summary>No new jobs from here on; <see cref="RunWatches"/> ends those that run.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        metrics.Serve(0);
        _server?.SendStop();
        _notifier?.SendStop();
        _fetcher?.SendStop();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _server?.WaitForShutdownAsync(cancellationToken) ?? Task.CompletedTask,
        _notifier?.WaitForShutdownAsync(cancellationToken) ?? Task.CompletedTask,
        _fetcher?.WaitForShutdownAsync(cancellationToken) ?? Task.CompletedTask);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _started.Dispose();
        _server?.Dispose();
        _notifier?.Dispose();
        _fetcher?.Dispose();
    }

    private void Begin()
    {
        metrics.Serve(options.Value.MaxConcurrentRuns);
        _server = Serve(options.Value.MaxConcurrentRuns, RunJobs.QueuesFor(pools.Ids));
        // Who serves a pool may stand where no receiver can be reached.
        _notifier = pools.Ids.Count == 0 ? Serve(Notifiers, [NotificationJob.Queue], besides: true) : null;
        _fetcher = pools.Ids.Count == 0 ? Serve(vcs.Value.Workers, [VcsDeliveryJob.Queue], besides: true) : null;
    }

    /// <param name="besides">Another one keeps the storage tidy for all.</param>
    private BackgroundJobServer Serve(int workers, string[] queues, bool besides = false) => new(
        new BackgroundJobServerOptions
        {
            WorkerCount = workers,
            Queues = queues,
            IsLightweightServer = besides,
            Activator = new Hangfire.AspNetCore.AspNetCoreJobActivator(scopes),
        },
        storage);
}
