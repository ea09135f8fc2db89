using Hangfire;
using Hangfire.States;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Runs;

/// <summary>Hands deliveries, reports and looks at repositories to the workers. The rows are the truth: a job that is lost gets a successor.</summary>
public sealed partial class VcsDispatch(
    IDbContextFactory<OrchestratorDbContext> databases, IBackgroundJobClientV2 jobs, VcsArrivals arrivals, GitFetcher git, IOptions<VcsOptions> options,
    IOptions<DataOptions> data, TimeProvider clock, ILogger<VcsDispatch> logger) : BackgroundService
{
    private const int AtOnce = 200;
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private static readonly TimeSpan Housekeeping = TimeSpan.FromHours(1);

    private DateTimeOffset _tidiedAt;

    /// <summary>On SQLite, jobs live in memory and have died with the process.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        git.RemoveLeftovers();
        if (data.Value.Database.Provider == DatabaseProvider.Sqlite)
        {
            var now = clock.GetUtcNow();
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.VcsDeliveries.Where(row => row.Status == VcsDeliveryStatus.Received)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now), cancellationToken);
            await db.VcsReports.Where(row => !row.IsDone && row.DueAt > now && row.Attempts == 0)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now), cancellationToken);
        }
        await base.StartAsync(cancellationToken);
    }

    /// <summary>One look.</summary>
    public async Task DispatchAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await DispatchDeliveriesAsync(db, cancellationToken);
        await DispatchPollsAsync(db, cancellationToken);
        await DispatchReportsAsync(db, cancellationToken);
        var now = clock.GetUtcNow();
        if (_tidiedAt + Housekeeping <= now)
        {
            _tidiedAt = now;
            var old = now - options.Value.KeepDeliveries;
            await db.VcsDeliveries.Where(row => row.ReceivedAt < old && row.Status != VcsDeliveryStatus.Received).ExecuteDeleteAsync(cancellationToken);
            // Longer than any delivery is tried again.
            var lost = now - Abandoned;
            await db.ConfigurationVersions.Where(row => row.Status == ConfigurationVersionStatus.Fetching && row.CreatedAt < lost).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Status, ConfigurationVersionStatus.Errored)
                .SetProperty(row => row.ErrorMessage, "The server was stopped while it was fetched."), cancellationToken);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        FollowAsync(stoppingToken), DispatchLoop.RunAsync(DispatchAsync, failed => Log.Failed(logger, failed), clock, stoppingToken));

    private async Task DispatchDeliveriesAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await db.VcsDeliveries
            .Where(row => row.Status == VcsDeliveryStatus.Received && row.DueAt <= now)
            .OrderBy(row => row.DueAt)
            .Select(row => new { row.Id, row.DueAt })
            .Take(AtOnce)
            .ToListAsync(cancellationToken);
        foreach (var one in due)
        {
            if (await db.VcsDeliveries
                .Where(row => row.Id == one.Id && row.Status == VcsDeliveryStatus.Received && row.DueAt == one.DueAt)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now + VcsIntake.Patience), cancellationToken) == 1)
            {
                Enqueue(one.Id);
            }
        }
    }

    private async Task DispatchPollsAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var polled = await db.VcsConnections.AsNoTracking().Where(row => row.PollMinutes != null && row.TokenId != null)
            .Select(row => new { row.Id, row.PollMinutes, row.PolledAt }).ToListAsync(cancellationToken);
        foreach (var connection in polled.Where(row => row.PolledAt is null || row.PolledAt.Value.AddMinutes(row.PollMinutes!.Value) <= now))
        {
            // Of several processes, one looks.
            if (await db.VcsConnections.Where(row => row.Id == connection.Id && row.PolledAt == connection.PolledAt)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.PolledAt, now), cancellationToken) == 1)
            {
                var id = connection.Id.Value;
                jobs.Create<VcsPollJob>(job => job.ExecuteAsync(id, CancellationToken.None), new EnqueuedState(VcsDeliveryJob.Queue));
            }
        }
    }

    /// <summary>Runs whose status is another than version control was told last.</summary>
    private async Task DispatchReportsAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await (
            from report in db.VcsReports
            where !report.IsDone && report.DueAt <= now
            join run in db.Runs on report.RunId equals run.Id
            where report.ReportedStatus == null || report.ReportedStatus != run.Status
            orderby report.DueAt
            select new { report.RunId, report.DueAt }).Take(AtOnce).ToListAsync(cancellationToken);
        foreach (var one in due)
        {
            if (await db.VcsReports.Where(row => row.RunId == one.RunId && row.DueAt == one.DueAt && !row.IsDone)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now + VcsIntake.Patience), cancellationToken) == 1)
            {
                var id = one.RunId.Value;
                jobs.Create<VcsReportJob>(job => job.ExecuteAsync(id, CancellationToken.None), new EnqueuedState(VcsDeliveryJob.Queue));
            }
        }
    }

    private void Enqueue(VcsDeliveryId delivery)
    {
        var id = delivery.Value;
        jobs.Create<VcsDeliveryJob>(job => job.ExecuteAsync(id, CancellationToken.None), new EnqueuedState(VcsDeliveryJob.Queue));
    }

    /// <summary>What has just come in is handed on at once.</summary>
    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var arrived in arrivals.ReadAllAsync(stoppingToken))
            {
                try
                {
                    Enqueue(arrived);
                }
                catch (Exception failed) when (failed is not OperationCanceledException)
                {
                    // Its row is found when it is due.
                    Log.Failed(logger, failed);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Deliveries of version control could not be handed to the workers; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
