using System.Data.Common;
using System.Buffers;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Data.Secrets;

namespace Orchestrator.RunLogs;

/// <summary>What a log's writer works with.</summary>
internal sealed record LogPlace(
    RunLogStore Logs, IDbContextFactory<OrchestratorDbContext> Databases, IAnnouncements Announcements, SecretBox Secrets, TimeProvider Clock);

/// <summary>The one writer of a phase's log. Text arrives as bytes, already redacted; it is stored in order, then announced. When somebody else
/// has claimed the run, this writer's part is over: it takes what comes, and drops it.</summary>
/// <remarks>Whoever writes waits while the store is behind: memory stays bounded whatever terraform prints. While the database is away, text goes
/// to this machine's disk, encrypted, and from there to the database when it is back.</remarks>
public sealed class RunLogWriter : IAsyncDisposable
{
    private const int MaxChunk = 64 * 1024;
    private const int MaxWaiting = 4 * MaxChunk;

    /// <summary>How long a line may wait for company before it is stored: little, for people watch. While the store is slow, more come together
    /// by themselves.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(15);

    /// <summary>The same for the first line, which says no more than that a phase has begun.</summary>
    private static readonly TimeSpan FirstGathering = TimeSpan.FromMilliseconds(200);

    /// <summary>How often it is tried whether the database is back.</summary>
    private static readonly TimeSpan NextTry = TimeSpan.FromSeconds(1);

    /// <summary>Then the database counts as away: whoever writes waits meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly LogPlace _place;
    private readonly LogSpool _spool;
    private readonly RunId _run;
    private readonly string _phase;
    private readonly string _writer;
    private readonly Lock _lock = new();
    private Task _storing;
    private ReadOnlyMemory<byte> _unstored;
    private ArrayBufferWriter<byte> _waiting = new();
    private TaskCompletionSource _arrived = NewSignal();
    private TaskCompletionSource _urgent = NewSignal();
    private TaskCompletionSource _room = NewSignal();
    private long? _triedAt;
    private bool _closed;
    private volatile bool _abandoned;

    internal RunLogWriter(LogPlace place, RunId run, string phase, string writer, long offset, LogSpool spool)
    {
        (_place, _run, _phase, _writer, _spool) = (place, run, phase, writer, spool);
        Length = offset;
        _storing = Task.Run(StoreAllAsync);
    }

    /// <summary>Bytes stored so far.</summary>
    public long Length { get; private set; }

    /// <exception cref="IOException">An earlier part could not be stored. What was written now is kept with it, as long as that is not too
    /// much; <see cref="CompleteAsync"/> tries again.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                if (_abandoned)
                {
                    return;
                }
                var hasRoom = _waiting.WrittenCount < MaxWaiting;
                if (hasRoom)
                {
                    _waiting.Write(text.Span);
                    _arrived.TrySetResult();
                    if (_waiting.WrittenCount >= MaxChunk)
                    {
                        _urgent.TrySetResult();
                    }
                }
                if (_storing.IsCompleted)
                {
                    throw new IOException("The run's log cannot be stored for now.", _storing.Exception?.InnerException);
                }
                if (hasRoom)
                {
                    return;
                }
                room = _room.Task;
            }
            await Task.WhenAny(room, _storing).WaitAsync(cancellationToken);
        }
    }

    public ValueTask WriteLineAsync(string line, CancellationToken cancellationToken) =>
        WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);

    /// <summary>The log is somebody else's now. What is not stored yet never will be.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            _arrived.TrySetResult();
            _urgent.TrySetResult();
            _room.TrySetResult();
        }
    }

    /// <summary>Stores what is left. Afterwards <see cref="Length"/> is the length of the whole log.</summary>
    /// <exception cref="IOException">A part could not be stored; it is kept, so try again.</exception>
    public async Task CompleteAsync()
    {
        lock (_lock)
        {
            _closed = true;
            _arrived.TrySetResult();
            _urgent.TrySetResult();
            if (_storing.IsFaulted)
            {
                _storing = Task.Run(StoreAllAsync);
            }
        }
        await _storing;
    }

    /// <summary>Waits until nothing is being stored any more. Whether all was, <see cref="CompleteAsync"/> tells; what was not is still on this
    /// machine's disk.</summary>
    public async ValueTask DisposeAsync()
    {
        await CompleteAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_abandoned)
        {
            _spool.Delete();
        }
        _spool.Dispose();
    }

    private async Task StoreAllAsync()
    {
        try
        {
            await StoreAsync();
        }
        catch (Exception failed) when (IsAway(failed))
        {
            throw new IOException("The run's log could not be stored.", failed);
        }
    }

    private static bool IsAway(Exception problem) =>
        problem is DbUpdateException or DbException or InvalidOperationException or TimeoutException or OperationCanceledException;

    private async Task StoreAsync()
    {
        while (true)
        {
            await ArrivedAsync();
            if (_abandoned)
            {
                _spool.Delete();
                return;
            }
            var (batch, last) = Take();
            var before = Length;
            for (var start = 0; start < batch.Length; start += MaxChunk)
            {
                await KeepAsync(batch.AsMemory(start, Math.Min(MaxChunk, batch.Length - start)));
                _unstored = batch.AsMemory(Math.Min(start + MaxChunk, batch.Length));
            }
            await DeliverAsync(last);
            if (Length > before)
            {
                await AnnounceAsync();
            }
            if (last)
            {
                return;
            }
        }
    }

    /// <summary>Ends when there is text, which has waited for company; or, while some waits on the disk, when it is time to try again.</summary>
    private async Task ArrivedAsync()
    {
        var arrived = _arrived.Task;
        await (_spool.End is null ? arrived : Task.WhenAny(arrived, Task.Delay(NextTry, _place.Clock)));
        if (arrived.IsCompleted)
        {
            await Task.WhenAny(_urgent.Task, Task.Delay(Length == 0 ? FirstGathering : Gathering, _place.Clock));
        }
    }

    /// <summary>Stores a piece; or puts it behind what already waits on the disk, or first there when the database does not take it.</summary>
    private async Task KeepAsync(ReadOnlyMemory<byte> content)
    {
        await DeliverAsync(all: false);
        var chunk = Seal(content, _spool.End ?? Length);
        if (_spool.End is null)
        {
            try
            {
                await StoreAsync(chunk);
                return;
            }
            catch (Exception away) when (IsAway(away))
            {
                _triedAt = _place.Clock.GetTimestamp();
            }
        }
        _spool.Append(chunk);
    }

    /// <summary>Stores what waits on the disk, when it is time to try.</summary>
    /// <param name="all">Now or never.</param>
    private async Task DeliverAsync(bool all)
    {
        if (_spool.End is null || (!all && _triedAt is { } tried && _place.Clock.GetElapsedTime(tried) < NextTry))
        {
            return;
        }
        try
        {
            using var patience = new CancellationTokenSource(Patience, _place.Clock);
            // An answer may have been lost on its way: then more is stored than this process has heard of.
            Length = await _place.Logs.LengthAsync(_run, _phase, patience.Token);
            _spool.GoOnFrom(Length);
            while (!_abandoned && _spool.Peek() is { } chunk)
            {
                await StoreAsync(chunk);
                if (!_abandoned)
                {
                    _spool.Drop();
                }
            }
        }
        catch (Exception away) when (!all && IsAway(away))
        {
            // Later. It is on the disk.
        }
        _triedAt = _place.Clock.GetTimestamp();
    }

    private async Task AnnounceAsync()
    {
        try
        {
            await _place.Announcements.AnnounceAsync(Topic.Log(_run, _phase), CancellationToken.None);
        }
        catch (Exception away) when (IsAway(away))
        {
            // Whoever reads the log looks again by himself.
        }
    }

    private (byte[] Batch, bool Last) Take()
    {
        lock (_lock)
        {
            byte[] batch = [.. _unstored.Span, .. _waiting.WrittenSpan];
            _unstored = batch;
            _waiting = new ArrayBufferWriter<byte>();
            _room.TrySetResult();
            _room = NewSignal();
            if (!_closed)
            {
                _arrived = NewSignal();
                _urgent = NewSignal();
            }
            return (batch, _closed);
        }
    }

    private SpooledChunk Seal(ReadOnlyMemory<byte> content, long offset) => new(
        offset, content.Length, _place.Secrets.Protect(SecretKind.RunLog, SealedPlaces.OfChunk(_run, _phase, offset), content.ToArray()));

    /// <summary>In one statement with the look at whose the run is: a writer may have lost it without knowing it yet.</summary>
    private async Task StoreAsync(SpooledChunk chunk)
    {
        if (_abandoned)
        {
            return;
        }
        using var patience = new CancellationTokenSource(Patience, _place.Clock);
        await using var db = await _place.Databases.CreateDbContextAsync(patience.Token);
        var stored = await db.Database.ExecuteSqlAsync($"""
            INSERT INTO "LogChunks" ("RunId", "Phase", "Offset", "Length", "ProtectedContent")
            SELECT {_run.Value}, {_phase}, {chunk.Offset}, {chunk.Length}, {chunk.ProtectedContent} FROM "Runs" WHERE "Id" = {_run.Value} AND "ClaimedBy" = {_writer}
            """, patience.Token);
        if (stored == 0)
        {
            Abandon();
            return;
        }
        Length = chunk.End;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
