using Orchestrator.Data;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Runs;

/// <summary>Why terraform was interrupted before it was done.</summary>
public enum StopReason
{
    None,

    /// <summary>Somebody cancelled the run.</summary>
    Canceled,

    /// <summary>The phase took longer than it may.</summary>
    TimedOut,

    /// <summary>This worker is shutting down.</summary>
    ShuttingDown,

    /// <summary>The claim went to somebody else: whatever this worker does now would be done twice.</summary>
    ClaimLost,

    /// <summary>The log cannot be stored any more.</summary>
    LogBroken,

    /// <summary>The log is as long as it may be.</summary>
    LogTooLong,

    /// <summary>The run's directory takes more of the disk than it may.</summary>
    DirectoryTooLarge,

    /// <summary>The run's processes take more memory than they may.</summary>
    MemoryTooLarge,
}

/// <summary>Watches over one claimed phase: gives signs of life, and turns what people, the clock and the host want into two
/// signals. They stay two to the end: <see cref="Stop"/> lets terraform save its state, <see cref="Kill"/> does not wait.</summary>
public sealed class RunWatch : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(3);

    /// <summary>A plan has no state to save.</summary>
    private static readonly TimeSpan PatienceWithPlans = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly CancellationTokenSource _over = new();
    private readonly RunClaims _claims;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _timeToSave;
    private readonly ITimer _limit;
    private readonly Task _watching;
    private readonly Lock _lock = new();
    private ITimer? _patience;

    internal RunWatch(RunId run, RunPhase phase, RunClaims claims, IAnnouncements announcements, RunLimits limits, TimeProvider clock)
    {
        RunId = run;
        _claims = claims;
        _clock = clock;
        _timeToSave = phase == RunPhase.Apply ? limits.TimeToSave : PatienceWithPlans;
        _limit = clock.CreateTimer(_ => Interrupt(StopReason.TimedOut), null, limits.For(phase), Timeout.InfiniteTimeSpan);
        _watching = WatchAsync(run, announcements);
    }

    public RunId RunId { get; }

    /// <summary>Terraform should stop and save its state.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>The whole process tree should go now.</summary>
    public CancellationToken Kill => _kill.Token;

    /// <summary>The first reason there was to stop.</summary>
    public StopReason Reason { get; private set; }

    public void Interrupt(StopReason reason)
    {
        lock (_lock)
        {
            if (Reason != StopReason.None)
            {
                return;
            }
            Reason = reason;
            _patience = _clock.CreateTimer(_ => _kill.Cancel(), null, _timeToSave, Timeout.InfiniteTimeSpan);
        }
        _stop.Cancel();
        if (reason == StopReason.ClaimLost)
        {
            _kill.Cancel();
        }
    }

    /// <summary>Whoever was told to stop does not, and harms others meanwhile.</summary>
    public void KillNow() => _kill.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        await _limit.DisposeAsync();
        if (_patience is not null)
        {
            await _patience.DisposeAsync();
        }
        _over.Dispose();
        _stop.Dispose();
        _kill.Dispose();
    }

    private async Task WatchAsync(RunId run, IAnnouncements announcements)
    {
        using var changes = announcements.Subscribe(Topic.Run(run));
        while (!_over.IsCancellationRequested)
        {
            try
            {
                Look(await _claims.BeatAsync(run, _over.Token));
            }
            catch (Exception away) when (away is System.Data.Common.DbException or InvalidOperationException)
            {
                // The database is away for a moment: terraform goes on, and the next beat tells.
            }
            catch (OperationCanceledException) when (_over.IsCancellationRequested)
            {
                return;
            }
            await ChangeOrBeatAsync(changes);
        }
    }

    private void Look(Run? run)
    {
        if (run is null)
        {
            Interrupt(StopReason.ClaimLost);
            return;
        }
        if (run.CancelRequestedAt is not null)
        {
            Interrupt(StopReason.Canceled);
        }
        if (run.ForceCancelRequestedAt is not null)
        {
            _kill.Cancel();
        }
    }

    private async Task ChangeOrBeatAsync(ISubscription changes)
    {
        using var beat = new CancellationTokenSource(Beat, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(beat.Token, _over.Token);
        try
        {
            await changes.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time for the next sign of life, or over.
        }
    }
}
