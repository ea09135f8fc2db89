using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Runs;

/// <summary>What people say about a run. A comment is an entry of the run's history, so it is never far from what it was about.</summary>
public sealed class RunComments(
    IDbContextFactory<OrchestratorDbContext> databases, RunVariables variables, IAnnouncements announcements, TimeProvider clock)
{
    /// <returns>Null when there is no such run.</returns>
    public async Task<RunEvent?> AddAsync(RunId id, Actor actor, string body, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Runs.AnyAsync(run => run.Id == id, cancellationToken))
        {
            return null;
        }
        var said = RunEvent.Of(
            id, RunEvent.Commented, clock.GetUtcNow(), actor, comment: await MaskAsync(db, id, body, cancellationToken));
        await db.RecordAsync(said, cancellationToken);
        await announcements.AnnounceAsync(Topic.Run(id), cancellationToken);
        return said;
    }

    /// <summary>A comment is read by more people than a sensitive variable is meant for, and notifications carry it outside.</summary>
    internal async Task<string?> MaskAsync(OrchestratorDbContext db, RunId id, string? comment, CancellationToken cancellationToken)
    {
        var run = string.IsNullOrEmpty(comment) ? null : await db.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.Id == id, cancellationToken);
        return run is null ? comment : variables.Redactor(run).Mask(comment!);
    }
}
