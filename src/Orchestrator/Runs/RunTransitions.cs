using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Orchestrator.Data;

namespace Orchestrator.Runs;

public enum MoveOutcome
{
    Moved,

    /// <summary>The run is not (or no longer) where this move starts: somebody else was faster. Nothing was changed.</summary>
    NotThere,
}

/// <summary>Moves a run from status to status: one guarded UPDATE, and its entry in the run's history.</summary>
public static class RunTransitions
{
    /// <param name="to">Where to; the table says from where.</param>
    /// <param name="actor">Who does it; null for the platform itself.</param>
    /// <param name="description">What happened, for the run's history, in the platform's words.</param>
    /// <param name="comment">What the actor said with it.</param>
    /// <param name="also">More columns to set in the same statement.</param>
    /// <param name="only">Narrows the statuses it may start from.</param>
    /// <param name="when">What else must be true of the run, in the same statement.</param>
    /// <param name="through">What it passes through on its way there, at the same moment, and what happened then.</param>
    /// <param name="callerSaves">What is noted of it is stored with what the caller saves next, in the same transaction.</param>
    /// <param name="known">The run as the caller has read it before: whose it is and what is wanted of it never changes. Default: it is read.</param>
    public static async Task<MoveOutcome> MoveAsync(
        this OrchestratorDbContext db,
        RunId id,
        RunStatus to,
        DateTimeOffset now,
        Actor? actor = null,
        string? description = null,
        string? comment = null,
        Action<UpdateSettersBuilder<Run>>? also = null,
        RunStatus[]? only = null,
        Expression<Func<Run, bool>>? when = null,
        Run? known = null,
        (RunStatus Status, string? Description)[]? through = null,
        bool callerSaves = false,
        CancellationToken cancellationToken = default)
    {
        (RunStatus Status, string? Description)[] way = [.. through ?? [], (to, description)];
        foreach (var (before, next) in way.Zip(way.Skip(1)))
        {
            if (!RunMoves.Into(next.Status).Contains(before.Status))
            {
                throw new ArgumentException($"Nothing goes from {before.Status} to {next.Status}.", nameof(through));
            }
        }
        var first = RunMoves.Into(way[0].Status);
        var from = only is null ? first : [.. first.Intersect(only)];
        var moved = await db.Runs
            .Where(run => run.Id == id && from.Contains(run.Status))
            .Where(when ?? (_ => true))
            .ExecuteUpdateAsync(set =>
            {
                set.SetProperty(run => run.Status, to).SetProperty(run => run.UpdatedAt, now);
                if (RunMoves.HandedOver.Contains(to))
                {
                    set.SetProperty(run => run.HeartbeatAt, now);
                }
                also?.Invoke(set);
            }, cancellationToken);
        if (moved == 0)
        {
            return MoveOutcome.NotThere;
        }
        foreach (var (status, happened) in way)
        {
            if (RunNotices.IsTold(status) || RunAudit.IsRecorded(status, actor))
            {
                known ??= await db.Runs.AsNoTracking().FirstAsync(row => row.Id == id, cancellationToken);
                await db.NoteAsync(known, status, now, actor, cancellationToken);
                db.Audit(known, status, now, actor);
            }
            db.RunEvents.Add(RunEvent.Of(id, EnumText.Of(status), now, actor, happened, comment));
        }
        if (!callerSaves)
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        return MoveOutcome.Moved;
    }

    public static async Task RecordAsync(this OrchestratorDbContext db, RunEvent happening, CancellationToken cancellationToken)
    {
        db.RunEvents.Add(happening);
        await db.SaveChangesAsync(cancellationToken);
    }
}
