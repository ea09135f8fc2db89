using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.RunLogs;
using Orchestrator.Runs;

namespace Orchestrator.Web.Pages.Events;

/// <summary>A phase's log as it grows. Each event's id is the byte offset after it, from where a reconnect goes on. Nothing is kept for
/// a viewer: one that is slow reads later, from the store.</summary>
/// <remarks><c>begin</c> says where the first line stands and where those before it can be had, <c>lines</c> brings lines, <c>end</c> says that the phase is over.</remarks>
internal sealed class LogEvents(
    RunLogStore store, IDbContextFactory<OrchestratorDbContext> databases, IAnnouncements announcements, IHostApplicationLifetime lifetime,
    TimeProvider clock)
{
    /// <summary>A longer log is shown from its tail; what is before is loaded when somebody asks for it.</summary>
    public const int ShownWhole = 512 * 1024;

    private const int Tail = 128 * 1024;
    private const int Batch = 64 * 1024;

    /// <param name="from">Where to go on; null to begin.</param>
    public async IAsyncEnumerable<SseItem<string>> FollowAsync(
        RunId run, RunPhase phase, long? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        // Before the store is read: what is stored after that is announced to us.
        using var growth = announcements.Subscribe(Topic.Log(run, EnumText.Of(phase)));
        if (from is not { } offset)
        {
            (offset, var begin) = await BeginAsync(run, EnumText.Of(phase), cancellationToken);
            yield return Item(begin, "begin", offset);
        }
        while (!leaving.IsCancellationRequested)
        {
            var (batch, isOver) = await NextAsync(run, phase, offset, cancellationToken);
            if (batch.Length > 0)
            {
                var lines = LogLines.Write(offset, batch);
                offset += batch.Length;
                yield return Item(lines, "lines", offset);
            }
            else if (isOver)
            {
                yield return Item("{}", "end", offset);
                yield break;
            }
            else if (!await growth.ChangedAsync(clock, leaving.Token))
            {
                yield return Item("{}", "beat", offset);
            }
        }
    }

    private async Task<(byte[] Batch, bool IsOver)> NextAsync(RunId run, RunPhase phase, long offset, CancellationToken cancellationToken)
    {
        // The length first: what is stored after it is part of the next batch.
        var length = await LengthAsync(run, phase, cancellationToken);
        var stretch = await store.ReadAsync(run, EnumText.Of(phase), offset, Batch, cancellationToken);
        var isOver = offset + stretch.Length >= length;
        return (stretch[..LogLines.WholeLines(stretch, isOver, isFull: stretch.Length == Batch)], isOver);
    }

    private async Task<(long Offset, string Begin)> BeginAsync(RunId run, string phase, CancellationToken cancellationToken)
    {
        var length = await store.LengthAsync(run, phase, cancellationToken);
        var marks = new LogMarks();
        if (length <= ShownWhole)
        {
            return (0, marks.Write());
        }
        await foreach (var chunk in store.ChunksAsync(run, phase, 0, length - Tail, cancellationToken))
        {
            marks.Take(chunk.Span);
        }
        // The line that the tail begins within belongs to what is before.
        var tail = await store.ReadAsync(run, phase, length - Tail, Tail, cancellationToken);
        marks.Take(tail.AsSpan(0, LogLines.AfterFirstBreak(tail)));
        return (marks.Offset, marks.Write());
    }

    /// <summary>The length of a log that is complete; null while it grows.</summary>
    private async Task<long?> LengthAsync(RunId run, RunPhase phase, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return phase == RunPhase.Plan
            ? await db.Plans.Where(plan => plan.RunId == run).Select(plan => plan.LogLength).FirstOrDefaultAsync(cancellationToken)
            : await db.Applies.Where(apply => apply.RunId == run).Select(apply => apply.LogLength).FirstOrDefaultAsync(cancellationToken);
    }

    private static SseItem<string> Item(string data, string name, long offset) =>
        new(data, name) { EventId = offset.ToString(CultureInfo.InvariantCulture) };
}
