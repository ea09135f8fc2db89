using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Notifications;

namespace Orchestrator.Runs;

/// <summary>Notes whom to tell about a run, in the transaction that brings it to a status: what is true is told, and nothing else.</summary>
internal static class RunNotices
{
    private static readonly CompiledQuery<WorkspaceId, Told> OfWorkspace = new((db, id) =>
        from workspace in db.Workspaces
        where workspace.Id == id
        from configuration in db.NotificationConfigurations
        where configuration.Enabled && (configuration.WorkspaceId == workspace.Id || configuration.ProjectId == workspace.ProjectId)
        select new Told(configuration.Id, configuration.Triggers));

    /// <param name="run">A run that may not be stored yet.</param>
    public static async Task NoteAsync(
        this OrchestratorDbContext db, Run run, RunStatus reached, DateTimeOffset now, Actor? actor, CancellationToken cancellationToken)
    {
        if (run.Options.PlanOnly || TriggerOf(run, reached) is not { } trigger)
        {
            return;
        }
        var configurations = await OfWorkspace.ToListAsync(db, run.WorkspaceId, cancellationToken);
        db.NotificationDeliveries.AddRange(configurations
            .Where(configuration => configuration.Triggers.Contains(trigger))
            .Select(configuration => new NotificationDelivery
            {
                Id = Identifier.New<NotificationDeliveryId>(),
                ConfigurationId = configuration.Id,
                RunId = run.Id,
                Trigger = trigger,
                RunStatus = EnumText.Of(reached),
                OccurredAt = now,
                OccurredBy = actor?.Name,
                DueAt = now,
            }));
    }

    /// <summary>In words, as the documented notifications have it.</summary>
    public static string MessageOf(string trigger, string? status) => trigger switch
    {
        NotificationTriggers.Created => "Run Created",
        NotificationTriggers.Planning => "Run Planning",
        NotificationTriggers.NeedsAttention => "Run Needs Attention",
        NotificationTriggers.Applying => "Run Applying",
        NotificationTriggers.Completed => status == "planned_and_finished" ? "Run Planned and Finished" : "Run Applied",
        NotificationTriggers.Errored => status == "canceled" ? "Run Canceled" : "Run Errored",
        _ => trigger,
    };

    /// <summary>Whether anybody may want to hear of it.</summary>
    public static bool IsTold(RunStatus reached) => reached is RunStatus.Planning or RunStatus.Planned or RunStatus.PlannedAndSaved
        or RunStatus.PolicyOverride or RunStatus.Applying or RunStatus.Applied or RunStatus.PlannedAndFinished or RunStatus.Errored or RunStatus.Canceled;

    private static string? TriggerOf(Run run, RunStatus reached) => reached switch
    {
        RunStatus.Pending => NotificationTriggers.Created,
        RunStatus.Planning => NotificationTriggers.Planning,
        // On its way to its apply it only passes through.
        RunStatus.Planned => run.Options.AutoApply ? null : NotificationTriggers.NeedsAttention,
        RunStatus.PlannedAndSaved or RunStatus.PolicyOverride => NotificationTriggers.NeedsAttention,
        RunStatus.Applying => NotificationTriggers.Applying,
        RunStatus.Applied or RunStatus.PlannedAndFinished => NotificationTriggers.Completed,
        RunStatus.Errored or RunStatus.Canceled => NotificationTriggers.Errored,
        _ => null,
    };

    private sealed record Told(NotificationConfigurationId Id, IReadOnlyList<string> Triggers);
}
