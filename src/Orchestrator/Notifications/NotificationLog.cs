using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Notifications;

/// <summary>What became of notifications: the last ones of each configuration are kept.</summary>
public sealed class NotificationLog(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    public const int Kept = 20;

    /// <summary>After the first attempt, and after each further one; then it is given up.</summary>
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)];

    public async Task AddVerificationAsync(NotificationConfigurationId configuration, WebhookAnswer answer, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        db.NotificationDeliveries.Add(new NotificationDelivery
        {
            Id = Identifier.New<NotificationDeliveryId>(),
            ConfigurationId = configuration,
            Trigger = NotificationTriggers.Verification,
            OccurredAt = now,
            Status = answer.IsSuccess ? NotificationDeliveryStatus.Delivered : NotificationDeliveryStatus.Failed,
            Attempts = 1,
            SentAt = now,
            Code = answer.Code,
            HeadersJson = JsonSerializer.Serialize(answer.Headers),
            Body = BodyOf(answer),
        });
        await db.SaveChangesAsync(cancellationToken);
        await ForgetOldAsync(db, configuration, cancellationToken);
    }

    /// <summary>Writes down how an attempt went, and when the next is due.</summary>
    public async Task RecordAsync(NotificationDelivery delivery, WebhookAnswer answer, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var again = !answer.IsSuccess && delivery.Attempts <= Pauses.Length;
        var status = answer.IsSuccess ? NotificationDeliveryStatus.Delivered
            : again ? NotificationDeliveryStatus.Pending : NotificationDeliveryStatus.Failed;
        DateTimeOffset? due = again ? now + Pauses[delivery.Attempts - 1] : null;
        var (headers, body) = (JsonSerializer.Serialize(answer.Headers), BodyOf(answer));
        await db.NotificationDeliveries.Where(row => row.Id == delivery.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Status, status)
            .SetProperty(row => row.DueAt, due)
            .SetProperty(row => row.SentAt, now)
            .SetProperty(row => row.Code, answer.Code)
            .SetProperty(row => row.HeadersJson, headers)
            .SetProperty(row => row.Body, body), cancellationToken);
        await ForgetOldAsync(db, delivery.ConfigurationId, cancellationToken);
    }

    private static string BodyOf(WebhookAnswer answer) =>
        answer.Body.Length > NotificationDelivery.MaxBodyLength ? answer.Body[..NotificationDelivery.MaxBodyLength] : answer.Body;

    private static async Task ForgetOldAsync(OrchestratorDbContext db, NotificationConfigurationId configuration, CancellationToken cancellationToken)
    {
        var old = await db.NotificationDeliveries
            .Where(row => row.ConfigurationId == configuration && row.Status != NotificationDeliveryStatus.Pending)
            .OrderByDescending(row => row.OccurredAt)
            .Skip(Kept)
            .Select(row => row.Id)
            .ToListAsync(cancellationToken);
        if (old.Count > 0)
        {
            await db.NotificationDeliveries.Where(row => old.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
        }
    }
}
