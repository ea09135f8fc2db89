using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Events;

/// <summary>What a page shows runs of: one workspace, an organization's, or those of all organizations that the reader belongs to.</summary>
/// <remarks>Not all of them may be the reader's to see. That something has happened among them is no secret in an organization, whose queue tells
/// it, too; what it was is on the page, which leaves out what one may not see.</remarks>
internal sealed record ListScope(Standing Standing, OrganizationId? Organization = null, WorkspaceId? Workspace = null)
{
    public IQueryable<Run> RunsIn(OrchestratorDbContext db)
    {
        OrganizationId[] known = [.. Standing.Organizations];
        return Workspace is { } workspace ? db.Runs.Where(row => row.WorkspaceId == workspace)
            : Organization is { } organization ? db.Runs.Where(row => row.OrganizationId == organization)
            : Standing.IsEverywhere ? db.Runs
            : db.Runs.Where(row => known.Contains(row.OrganizationId));
    }

    public IQueryable<Workspace> WorkspacesIn(OrchestratorDbContext db)
    {
        OrganizationId[] known = [.. Standing.Organizations];
        return Workspace is { } workspace ? db.Workspaces.Where(row => row.Id == workspace)
            : Organization is { } organization ? db.Workspaces.Where(row => row.OrganizationId == organization)
            : Standing.IsEverywhere ? db.Workspaces
            : db.Workspaces.Where(row => known.Contains(row.OrganizationId));
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
        var live = await scope.RunsIn(db).Where(run => RunMoves.UnderWay.Contains(run.Status)).GroupBy(_ => 1)
            .Select(all => new { Count = all.Count(), Moved = all.Max(run => run.UpdatedAt) }).FirstOrDefaultAsync(cancellationToken);
        var workspaces = await scope.WorkspacesIn(db).CountAsync(cancellationToken);
        var changed = await scope.WorkspacesIn(db).MaxAsync(workspace => (DateTimeOffset?)workspace.UpdatedAt, cancellationToken);
        return string.Create(
            CultureInfo.InvariantCulture, $"{live?.Count ?? 0}.{live?.Moved.UtcTicks ?? 0}.{workspaces}.{changed?.UtcTicks ?? 0}");
    }
}
