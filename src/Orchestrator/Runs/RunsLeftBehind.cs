using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>What is to be done about runs that were not over when an installation was exported, on the copy that has been imported.</summary>
/// <remarks>No server may be running on the copy.</remarks>
public static class RunsLeftBehind
{
    private const string Why = "The run was not over when this installation was exported, and goes on there alone.";

    /// <summary>The archive shows a moment: an apply that terraform had not begun then, it may have begun since. So it is not done again here.</summary>
    public static Task DoubtAsync(OrchestratorDbContext db, CancellationToken cancellationToken) => db.Runs.Where(run => run.ApplyIsHeld)
        .ExecuteUpdateAsync(set => set.SetProperty(run => run.ApplyIsHeld, false), cancellationToken);

    /// <summary>Ends every run that is not over, where the installation goes on elsewhere: there they are carried out, and must not be
    /// carried out twice; nor is anybody told of them twice.</summary>
    /// <returns>How many were ended.</returns>
    public static async Task<int> EndAsync(OrchestratorDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var runs = await db.Runs.AsNoTracking().Where(run => RunMoves.UnderWay.Contains(run.Status)).ToListAsync(cancellationToken);
        foreach (var run in runs)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var end = new[] { RunStatus.Canceled, RunStatus.Discarded, RunStatus.Errored }.First(RunMoves.From(run.Status).Contains);
            await db.MoveAsync(run.Id, end, now, description: Why, also: set => set.SetProperty(row => row.Outcome, Why), cancellationToken: cancellationToken);
            await db.CloseWaitingPhasesAsync(run.Id, now, cancellationToken);
            await db.StopRunningPhasesAsync(run.Id, now, cancellationToken);
            await db.RunTokens.Where(token => token.RunId == run.Id && token.RevokedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(token => token.RevokedAt, now), cancellationToken);
            await db.UnlockFromRunAsync(run.WorkspaceId, run.Id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        // Whoever was to be told, or to start a run of their own, is told and started there.
        await db.NotificationDeliveries.Where(delivery => delivery.Status == NotificationDeliveryStatus.Pending).ExecuteDeleteAsync(cancellationToken);
        await db.VcsReports.Where(report => !report.IsDone).ExecuteUpdateAsync(set => set.SetProperty(report => report.IsDone, true), cancellationToken);
        await db.DueTriggers.ExecuteDeleteAsync(cancellationToken);
        return runs.Count;
    }
}
