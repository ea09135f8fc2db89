using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;

namespace Orchestrator.Web.Pages.Events;

/// <summary>Tells an open page when its run is not any more as the page shows it: the page then fetches itself anew.</summary>
/// <remarks><c>changed</c> carries the version that there is now, <c>end</c> says that nothing will follow.</remarks>
internal sealed class RunEvents(
    IDbContextFactory<OrchestratorDbContext> databases, IAnnouncements announcements, IOptions<RunLimits> limits,
    IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    public async IAsyncEnumerable<SseItem<string>> FollowAsync(
        RunId id, string? shown, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        // Before the row is read: what changes after that is announced to us.
        using var changes = announcements.Subscribe(Topic.Run(id));
        // The browser knows that it is connected when the first event arrives.
        yield return new SseItem<string>(shown ?? "", "beat") { EventId = shown };
        while (!leaving.IsCancellationRequested)
        {
            var run = await ReadAsync(id, cancellationToken);
            if (run is null)
            {
                yield break;
            }
            var choices = RunChoices.Of(run, limits.Value, clock.GetUtcNow());
            var version = VersionOf(run, choices, await CountEventsAsync(id, cancellationToken));
            if (version != shown)
            {
                shown = version;
                yield return new SseItem<string>(version, "changed") { EventId = version };
            }
            if (run.Status.IsFinal())
            {
                yield return new SseItem<string>(version, "end") { EventId = version };
                yield break;
            }
            var killable = choices is { CanForceCancel: false, CanForceCancelAt: { } at } ? at - clock.GetUtcNow() + Moment : (TimeSpan?)null;
            if (!await changes.ChangedAsync(clock, leaving.Token, killable))
            {
                yield return new SseItem<string>(version, "beat") { EventId = version };
            }
        }
    }

    /// <summary>Differs whenever the page would.</summary>
    /// <param name="events">How many entries its history has: people comment, too.</param>
    public static string VersionOf(Run run, RunChoices choices, int events) => string.Join('.',
        EnumText.Of(run.Status), run.PlanAttempts, run.ApplyAttempts, run.CancelRequestedAt is null ? 0 : 1, run.ForceCancelRequestedAt is null ? 0 : 1,
        choices.CanForceCancel ? 1 : 0, events);

    private async Task<int> CountEventsAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.RunEvents.CountAsync(happening => happening.RunId == id, cancellationToken);
    }

    private async Task<Run?> ReadAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.Id == id, cancellationToken);
    }
}
