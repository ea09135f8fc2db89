using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Queues the runs that have to follow an apply.</summary>
public sealed partial class TriggeredRuns(
    IDbContextFactory<OrchestratorDbContext> databases, RunQueue queue, TimeProvider clock, ILogger<TriggeredRuns> logger)
{
    /// <summary>Notes who has to follow, in the transaction that ends the apply.</summary>
    /// <returns>Whether anybody has.</returns>
    internal static async Task<bool> NoteAsync(OrchestratorDbContext db, Run applied, DateTimeOffset now)
    {
        var followers = await db.RunTriggers
            .Where(trigger => trigger.SourceableId == applied.WorkspaceId)
            .Select(trigger => trigger.WorkspaceId)
            .ToListAsync();
        db.DueTriggers.AddRange(followers.Select(follower => new DueTrigger
        {
            SourceRunId = applied.Id, WorkspaceId = follower, CreatedAt = now,
        }));
        await db.SaveChangesAsync();
        return followers.Count > 0;
    }

    /// <summary>Queues what is due after one run, or whatever a crash has left.</summary>
    public async Task FollowAsync(RunId? source, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var due = await db.DueTriggers.AsNoTracking()
            .Where(row => source == null || row.SourceRunId == source)
            .OrderBy(row => row.CreatedAt)
            .ToListAsync(cancellationToken);
        foreach (var one in due)
        {
            try
            {
                await FollowAsync(one, cancellationToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // It is still due, and the sweep finds it.
                Log.Failed(logger, failed, one.SourceRunId, one.WorkspaceId);
            }
        }
    }

    private async Task FollowAsync(DueTrigger due, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var source = await db.Runs.AsNoTracking().FirstAsync(run => run.Id == due.SourceRunId, cancellationToken);
        var names = await db.Workspaces
            .Where(workspace => workspace.Id == source.WorkspaceId || workspace.Id == due.WorkspaceId)
            .ToDictionaryAsync(workspace => workspace.Id, workspace => new { workspace.Name, workspace.AutoApplyRunTrigger }, cancellationToken);
        RunRequestResult result;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            // Of several who find it, one goes on.
            if (await db.DueTriggers
                .Where(row => row.SourceRunId == due.SourceRunId && row.WorkspaceId == due.WorkspaceId)
                .ExecuteDeleteAsync(cancellationToken) == 0)
            {
                return;
            }
            var request = new RunRequest(
                due.WorkspaceId,
                new Actor(source.ConfirmedById ?? source.CreatedById, source.ConfirmedBy ?? source.CreatedBy),
                RunSource.RunTrigger)
            {
                Reason = RunReason.RunTrigger,
                TriggeredBy = source,
                AutoApply = names[due.WorkspaceId].AutoApplyRunTrigger,
                Message = $"Triggered by {source.Id} in workspace {names[source.WorkspaceId].Name}",
            };
            result = await queue.AddAsync(db, request, cancellationToken);
            var target = names[due.WorkspaceId].Name;
            db.RunEvents.Add(RunEvent.Of(
                source.Id, result.Run is null ? "run_trigger_failed" : "run_triggered", clock.GetUtcNow(), description: result.Run is { } run
                    ? $"Queued {run.Id} in workspace {target}."
                    : $"No run could be queued in workspace {target}. {result.Refusal}"));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        if (result.Run is not null)
        {
            await queue.AdvanceAsync(due.WorkspaceId, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The apply of run {RunId} could not queue its run in workspace {WorkspaceId}; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception, RunId runId, WorkspaceId workspaceId);
    }
}
