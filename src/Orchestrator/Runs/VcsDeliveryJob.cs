using System.Diagnostics;
using System.Text.Json;
using Hangfire;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Providers;

namespace Orchestrator.Runs;

/// <summary>Handles one delivery. It may run twice: each workspace gets its run once.</summary>
public sealed partial class VcsDeliveryJob(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, VcsChanges changes, VcsCommands commands, VcsIngress ingress, RunMetrics metrics, TimeProvider clock, ILogger<VcsDeliveryJob> logger)
{
    public const string Queue = "vcs";

    /// <summary>How the log calls what polling has found.</summary>
    internal const string Polled = "poll:";

    /// <summary>So long an attempt may take before another one is begun.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    [AutomaticRetry(Attempts = 0)]
    public async Task ExecuteAsync(string deliveryId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = new VcsDeliveryId(deliveryId);
        var delivery = await db.VcsDeliveries.AsNoTracking().FirstOrDefaultAsync(
            row => row.Id == id && row.Status == VcsDeliveryStatus.Received, cancellationToken);
        var until = clock.GetUtcNow() + Patience;
        // Of two jobs for one attempt, one goes on.
        if (delivery is null || await db.VcsDeliveries
            .Where(row => row.Id == id && row.Status == VcsDeliveryStatus.Received && row.Attempts == delivery.Attempts)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Attempts, row => row.Attempts + 1).SetProperty(row => row.DueAt, until), cancellationToken) == 0)
        {
            return;
        }
        delivery.Attempts++;
        using var span = Tracing.Continue("vcs.delivery", delivery.TraceContext, ActivityKind.Consumer);
        span?.SetTag("orchestrator.delivery.id", id.Value).SetTag("orchestrator.delivery.event", delivery.Event).SetTag("orchestrator.delivery.attempt", delivery.Attempts);
        try
        {
            var (status, reason) = await HandleAsync(db, delivery, cancellationToken);
            await FinishAsync(db, delivery, status, reason);
        }
        catch (VcsPayloadException unreadable)
        {
            await FinishAsync(db, delivery, VcsDeliveryStatus.Refused, unreadable.Message);
        }
        catch (VcsProblem problem)
        {
            await TryAgainAsync(db, delivery, problem);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await TryAgainAsync(db, delivery, new VcsProblem("The server was stopped meanwhile.", VcsProblem.Often, TimeSpan.Zero));
            throw;
        }
        catch (DbUpdateException overtaken) when (overtaken.WasOvertaken())
        {
            await TryAgainAsync(db, delivery, new VcsProblem("Its connection, or a workspace that it meant, was deleted meanwhile."));
        }
        catch (Exception failed)
        {
            Log.Failed(logger, failed, id);
            await TryAgainAsync(db, delivery, new VcsProblem("It failed by an error of this server's, which is in its log.", VcsProblem.Seldom));
        }
    }

    private async Task<(VcsDeliveryStatus Status, string? Reason)> HandleAsync(
        OrchestratorDbContext db, VcsDelivery delivery, CancellationToken cancellationToken)
    {
        var connection = await db.VcsConnections.AsNoTracking().FirstOrDefaultAsync(row => row.Id == delivery.ConnectionId, cancellationToken);
        // Gone, and the delivery with it.
        if (connection?.TokenId is null)
        {
            return (VcsDeliveryStatus.Ignored, "The connection has no token any more.");
        }
        if (vault.OpenBody(delivery) is not { } body)
        {
            return (VcsDeliveryStatus.Ignored, "Its body is not kept any more.");
        }
        using var document = JsonDocument.Parse(body);
        var read = delivery.ProviderId.StartsWith(Polled, StringComparison.Ordinal)
            ? PlainGit.ReadPolled(delivery.Event, document.RootElement)
            : providers.Of(connection).Read(delivery.Event, document.RootElement);
        return read.WhyNothing is { } why ? (VcsDeliveryStatus.Ignored, why)
            : read.Comment is { } comment
            ? await commands.HandleAsync(delivery, connection, comment, cancellationToken)
            : await changes.HandleAsync(delivery, connection, read, cancellationToken);
    }

    private async Task FinishAsync(OrchestratorDbContext db, VcsDelivery delivery, VcsDeliveryStatus status, string? reason)
    {
        var now = clock.GetUtcNow();
        metrics.Delivered(EnumText.Of(status));
        Activity.Current?.SetTag("orchestrator.delivery.status", EnumText.Of(status));
        // Not the job's token: what is done is written down.
        await db.VcsDeliveries.Where(row => row.Id == delivery.Id && row.Attempts == delivery.Attempts).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Status, status)
            .SetProperty(row => row.Reason, RunText.Fit(reason, VcsDelivery.MaxReason))
            .SetProperty(row => row.FinishedAt, now), CancellationToken.None);
    }

    private async Task TryAgainAsync(OrchestratorDbContext db, VcsDelivery delivery, VcsProblem problem)
    {
        if (problem.WaitAfter(delivery.Attempts) is not { } wait)
        {
            await ingress.GiveUpAsync(delivery.Id, problem.Message);
            await FinishAsync(db, delivery, VcsDeliveryStatus.Failed, problem.Message);
            return;
        }
        metrics.Delivered("retried");
        var due = clock.GetUtcNow() + wait;
        await db.VcsDeliveries.Where(row => row.Id == delivery.Id && row.Attempts == delivery.Attempts).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Reason, RunText.Fit(problem.Message, VcsDelivery.MaxReason))
            .SetProperty(row => row.DueAt, due), CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The delivery {Delivery} could not be handled; it is tried again a few times.")]
        public static partial void Failed(ILogger logger, Exception exception, VcsDeliveryId delivery);
    }
}
