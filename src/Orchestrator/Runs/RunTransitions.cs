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
        bool callerSaves = false,
        CancellationToken cancellationToken = default)
    {
        var from = only is null ? RunMoves.Into(to) : [.. RunMoves.Into(to).Intersect(only)];
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
        if (RunNotices.IsTold(to) || RunAudit.IsRecorded(to, actor))
        {
            var run = known ?? await db.Runs.AsNoTracking().FirstAsync(row => row.Id == id, cancellationToken);
            await db.NoteAsync(run, to, now, actor, cancellationToken);
            db.Audit(run, to, now, actor);
        }
        db.RunEvents.Add(RunEvent.Of(id, EnumText.Of(to), now, actor, description, comment));
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
