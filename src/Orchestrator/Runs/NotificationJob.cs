using Hangfire;
using Hangfire.States;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

/// <summary>One attempt to tell somebody about a run.</summary>
/// <remarks>Whoever dies between the sending and the writing down tells twice: a receiver may hear a thing again, but misses none.</remarks>
public sealed class NotificationJob(
    IDbContextFactory<OrchestratorDbContext> databases, NotificationSender sender, NotificationLog log,
    IOptions<NotificationOptions> options, IOptions<IssuerOptions> issuer)
{
    public const string Queue = "notifications";

    [AutomaticRetry(Attempts = 0)]
    public async Task ExecuteAsync(string deliveryId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = new NotificationDeliveryId(deliveryId);
        var delivery = await db.NotificationDeliveries.AsNoTracking().FirstOrDefaultAsync(
            row => row.Id == id && row.Status == NotificationDeliveryStatus.Pending, cancellationToken);
        // Of two jobs for one attempt, one goes on.
        if (delivery is null || await db.NotificationDeliveries
            .Where(row => row.Id == id && row.Status == NotificationDeliveryStatus.Pending && row.Attempts == delivery.Attempts)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Attempts, row => row.Attempts + 1), cancellationToken) == 0)
        {
            return;
        }
        delivery.Attempts++;
        var configuration = await db.NotificationConfigurations.AsNoTracking()
            .FirstAsync(row => row.Id == delivery.ConfigurationId, cancellationToken);
        var answer = configuration.Enabled && await ContentAsync(db, configuration, delivery, cancellationToken) is { } content
            ? await sender.SendAsync(configuration, content, cancellationToken)
            : new WebhookAnswer(null, new Dictionary<string, IReadOnlyList<string>>(), "The configuration was disabled meanwhile.");
        await log.RecordAsync(delivery, answer, cancellationToken);
    }

    private async Task<NotificationContent?> ContentAsync(
        OrchestratorDbContext db, NotificationConfiguration configuration, NotificationDelivery delivery, CancellationToken cancellationToken)
    {
        var found = await (
            from run in db.Runs.AsNoTracking()
            where run.Id == delivery.RunId
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            join organization in db.Organizations on workspace.OrganizationId equals organization.Id
            select new { run, Workspace = workspace.Name, Organization = organization.Name }).FirstOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return null;
        }
        var address = (options.Value.PublicAddress ?? issuer.Value.Issuer).TrimEnd('/');
        return new NotificationContent(
            configuration.Id.Value, configuration.Name, delivery.Trigger, RunNotices.MessageOf(delivery.Trigger, delivery.RunStatus))
        {
            Run = new NotificationRun(
                found.run.Id.Value, $"{address}/app/{found.Organization}/{found.Workspace}/runs/{found.run.Id}", found.run.Message,
                found.run.CreatedAt, found.run.CreatedBy, found.run.WorkspaceId.Value, found.Workspace, found.Organization,
                delivery.RunStatus!, delivery.OccurredAt, delivery.OccurredBy),
        };
    }
}

/// <summary>Hands what is due to the workers. The rows are the truth: a job that is lost gets a successor.</summary>
public sealed partial class NotificationDispatch(
    IDbContextFactory<OrchestratorDbContext> databases, IBackgroundJobClientV2 jobs, TimeProvider clock, ILogger<NotificationDispatch> logger) : BackgroundService
{
    private const int AtOnce = 100;

    /// <summary>So long a job may take before it counts as lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>One look.</summary>
    public async Task DispatchAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var due = await db.NotificationDeliveries
            .Where(row => row.Status == NotificationDeliveryStatus.Pending && row.DueAt <= now)
            .OrderBy(row => row.DueAt)
            .Select(row => new { row.Id, row.DueAt })
            .Take(AtOnce)
            .ToListAsync(cancellationToken);
        foreach (var one in due)
        {
            if (await db.NotificationDeliveries
                .Where(row => row.Id == one.Id && row.Status == NotificationDeliveryStatus.Pending && row.DueAt == one.DueAt)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now + Patience), cancellationToken) == 1)
            {
                var id = one.Id.Value;
                jobs.Create<NotificationJob>(job => job.ExecuteAsync(id, CancellationToken.None), new EnqueuedState(NotificationJob.Queue));
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        DispatchLoop.RunAsync(DispatchAsync, failed => Log.Failed(logger, failed), clock, stoppingToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Notifications could not be handed to the workers; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
