using System.Data.Common;
using System.Buffers;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Data.Secrets;

namespace Orchestrator.RunLogs;

/// <summary>The one writer of a phase's log. Text arrives as bytes, already redacted; it is stored in order, then announced. When somebody else
/// has claimed the run, this writer's part is over: it takes what comes, and drops it.</summary>
/// <remarks>Whoever writes waits while the store is behind: memory stays bounded whatever terraform prints.</remarks>
public sealed class RunLogWriter : IAsyncDisposable
{
    private const int MaxChunk = 64 * 1024;
    private const int MaxWaiting = 4 * MaxChunk;

    /// <summary>How long a line may wait for company before it is stored.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private readonly IDbContextFactory<OrchestratorDbContext> _databases;
    private readonly IAnnouncements _announcements;
    private readonly SecretBox _secrets;
    private readonly TimeProvider _clock;
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
    private bool _closed;
    private volatile bool _abandoned;

    internal RunLogWriter(
        IDbContextFactory<OrchestratorDbContext> databases, IAnnouncements announcements, SecretBox secrets, TimeProvider clock,
        RunId run, string phase, string writer, long offset)
    {
        _databases = databases;
        _announcements = announcements;
        _secrets = secrets;
        _clock = clock;
        _run = run;
        _phase = phase;
        _writer = writer;
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

    /// <summary>Waits until nothing is being stored any more. Whether all was, <see cref="CompleteAsync"/> tells.</summary>
    public async ValueTask DisposeAsync() => await CompleteAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task StoreAllAsync()
    {
        try
        {
            await StoreAsync();
        }
        catch (Exception failed) when (failed is DbUpdateException or DbException or InvalidOperationException)
        {
            throw new IOException("The run's log could not be stored.", failed);
        }
    }

    private async Task StoreAsync()
    {
        while (true)
        {
            await _arrived.Task;
            await Task.WhenAny(_urgent.Task, Task.Delay(Gathering, _clock));
            if (_abandoned)
            {
                return;
            }
            var (batch, last) = Take();
            for (var start = 0; start < batch.Length; start += MaxChunk)
            {
                await StoreAsync(batch.AsMemory(start, Math.Min(MaxChunk, batch.Length - start)));
                _unstored = batch.AsMemory(Math.Min(start + MaxChunk, batch.Length));
            }
            if (batch.Length > 0)
            {
                await _announcements.AnnounceAsync(Topic.Log(_run, _phase), CancellationToken.None);
            }
            if (last)
            {
                return;
            }
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

    /// <summary>In one statement with the look at whose the run is: a writer may have lost it without knowing it yet.</summary>
    private async Task StoreAsync(ReadOnlyMemory<byte> content)
    {
        if (_abandoned)
        {
            return;
        }
        var sealedContent = _secrets.Protect(SecretKind.RunLog, SealedPlaces.OfChunk(_run, _phase, Length), content.ToArray());
        await using var db = await _databases.CreateDbContextAsync(CancellationToken.None);
        var stored = await db.Database.ExecuteSqlAsync($"""
            INSERT INTO "LogChunks" ("RunId", "Phase", "Offset", "Length", "ProtectedContent")
            SELECT {_run.Value}, {_phase}, {Length}, {content.Length}, {sealedContent} FROM "Runs" WHERE "Id" = {_run.Value} AND "ClaimedBy" = {_writer}
            """);
        if (stored == 0)
        {
            Abandon();
            return;
        }
        Length += content.Length;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
