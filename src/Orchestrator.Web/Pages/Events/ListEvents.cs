using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Events;

/// <summary>What a page shows runs of: one workspace, an organization's, or whatever the reader sees.</summary>
internal sealed record ListScope(Standing Standing, OrganizationId? Organization = null, WorkspaceId? Workspace = null)
{
    public IQueryable<Workspace> In(OrchestratorDbContext db)
    {
        var seen = db.Workspaces.AsNoTracking().SeenBy(db, Standing);
        return Workspace is { } workspace ? seen.Where(row => row.Id == workspace)
            : Organization is { } organization ? seen.Where(row => row.OrganizationId == organization)
            : seen;
    }
}

/// <summary>Tells an open list of runs or workspaces when it is not any more as the page shows it: the page then fetches itself anew.</summary>
/// <remarks>The events are those of <see cref="RunEvents"/>; a list has no end.</remarks>
internal sealed class ListEvents(
    IDbContextFactory<OrchestratorDbContext> databases, IAnnouncements announcements, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>Where much happens, a list is still read by nobody more often than that.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<SseItem<string>> FollowAsync(
        ListScope scope, string? shown, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        // Before the rows are read: what changes after that is announced to us.
        using var changes = announcements.Subscribe(Topic.Runs);
        // The browser knows that it is connected when the first event arrives.
        yield return new SseItem<string>(shown ?? "", "beat") { EventId = shown };
        while (!leaving.IsCancellationRequested)
        {
            var (version, read) = (await VersionAsync(scope, cancellationToken), clock.GetTimestamp());
            if (version != shown)
            {
                shown = version;
                yield return new SseItem<string>(version, "changed") { EventId = version };
            }
            if (!await changes.ChangedAsync(clock, leaving.Token))
            {
                yield return new SseItem<string>(version, "beat") { EventId = version };
            }
            else if (Pause - clock.GetElapsedTime(read) is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left, clock, leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Differs whenever the list would: whatever moves a run writes when, on the run while it is under way, and on its workspace
    /// when that changes.</summary>
    public async Task<string> VersionAsync(ListScope scope, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var live =
            from run in db.Runs
            where RunMoves.UnderWay.Contains(run.Status)
            join workspace in scope.In(db) on run.WorkspaceId equals workspace.Id
            select run;
        var (runs, workspaces) = (await live.CountAsync(cancellationToken), await scope.In(db).CountAsync(cancellationToken));
        var moved = await live.MaxAsync(run => (DateTimeOffset?)run.UpdatedAt, cancellationToken);
        var changed = await scope.In(db).MaxAsync(workspace => (DateTimeOffset?)workspace.UpdatedAt, cancellationToken);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{runs}.{moved?.UtcTicks ?? 0}.{workspaces}.{changed?.UtcTicks ?? 0}");
    }
}
