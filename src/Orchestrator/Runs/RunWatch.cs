using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Terraform;

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

    /// <summary>The claim could not be renewed in time: somebody else may take it over.</summary>
    LeaseLost,

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
/// <remarks>While no sign of life arrives, the claim's lease runs out. Before it has, terraform is interrupted and killed, unless a witness
/// says that the database is away for everybody: then nobody can take the claim over, and a long apply goes on.</remarks>
public sealed class RunWatch : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(3);

    /// <summary>After a sign of life that did not arrive.</summary>
    private static readonly TimeSpan NextTry = TimeSpan.FromSeconds(1);

    /// <summary>When a sign of life takes so long, the witness is asked what it sees.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1.5);

    /// <summary>Then another way to the database is tried.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    /// <summary>A plan has no state to save.</summary>
    private static readonly TimeSpan PatienceWithPlans = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly CancellationTokenSource _over = new();
    private readonly RunClaim _claim;
    private readonly RunClaims _claims;
    private readonly IWitness _witness;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _timeToSave;
    private readonly ITimer _limit;
    private readonly ITimer _lease;
    private readonly Task _watching;
    private readonly Lock _lock = new();
    private ITimer? _patience;
    private volatile bool _lost;
    private volatile bool _settled;

    internal RunWatch(RunClaim claim, RunClaims claims, IWitness witness, IAnnouncements announcements, RunLimits limits, TimeProvider clock)
    {
        (_claim, _claims, _witness, _clock) = (claim, claims, witness, clock);
        _timeToSave = claim.Phase == RunPhase.Apply ? limits.TimeToSave : PatienceWithPlans;
        _limit = clock.CreateTimer(_ => Interrupt(StopReason.TimedOut), null, limits.For(claim.Phase), Timeout.InfiniteTimeSpan);
        _lease = clock.CreateTimer(_ => CheckLease(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        CheckLease();
        _watching = WatchAsync(announcements);
    }

    public RunId RunId => _claim.Run.Id;

    public RunPhase Phase => _claim.Phase;

    /// <summary>Whether this process may be sure that nobody else has the claim.</summary>
    public bool IsHeld => !_lost && _claim.Lease.Holds && Reason is not (StopReason.ClaimLost or StopReason.LeaseLost);

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

    /// <summary>What became of the phase is certain: whatever happens to its run now changes nothing here, so nobody looks at it any more. The signs
    /// of life go on.</summary>
    public void Settle() => _settled = true;

    /// <summary>Whoever was told to stop does not, and harms others meanwhile.</summary>
    public void KillNow() => _kill.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        await _limit.DisposeAsync();
        await _lease.DisposeAsync();
        if (_patience is not null)
        {
            await _patience.DisposeAsync();
        }
        _over.Dispose();
        _stop.Dispose();
        _kill.Dispose();
    }

    private async Task WatchAsync(IAnnouncements announcements)
    {
        using var changes = announcements.Subscribe(Topic.Run(RunId));
        // To claim it was a sign of life, and a look. What changes before anybody listens is seen with the next one.
        Look(_claim.Run);
        long? lastBeat = _claim.Since;
        var pause = Beat - _clock.GetElapsedTime(_claim.Since);
        while (true)
        {
            if (pause > TimeSpan.Zero)
            {
                await ChangeOrAsync(pause, changes);
            }
            if (_over.IsCancellationRequested)
            {
                return;
            }
            // Before a late sign of life hides that it was late: a guard may have acted on it.
            CheckLease();
            // Something has changed, but it is not yet time for a sign of life.
            var early = lastBeat is { } last && _clock.GetElapsedTime(last) < Beat;
            if (early && _settled)
            {
                pause = Beat - _clock.GetElapsedTime(lastBeat!.Value);
                continue;
            }
            var began = _clock.GetTimestamp();
            try
            {
                using var patience = new CancellationTokenSource(Patience, _clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _over.Token);
                var answer = early ? _claims.SeeAsync(_claim, either.Token) : _claims.BeatAsync(_claim, either.Token);
                if (!await ArrivesAsync(answer))
                {
                    await AskWitnessAsync();
                }
                Look(await answer);
                lastBeat = early ? lastBeat : began;
                pause = Beat - _clock.GetElapsedTime(lastBeat!.Value);
            }
            catch (Exception away) when (IsAway(away) || (away is OperationCanceledException && !_over.IsCancellationRequested))
            {
                lastBeat = null;
                pause = NextTry - _clock.GetElapsedTime(began);
            }
            catch (OperationCanceledException) when (_over.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task<bool> ArrivesAsync(Task answer)
    {
        try
        {
            await answer.WaitAsync(Doubt, _clock, _over.Token);
            return true;
        }
        catch (Exception late) when (IsAway(late))
        {
            return false;
        }
    }

    private static bool IsAway(Exception problem) =>
        problem is System.Data.Common.DbException or InvalidOperationException or TimeoutException or IOException;

    /// <summary>While the database is away for everybody, nobody can see that this claim gets no sign of life; and when it is back, the living
    /// come first. So what the witness has seen is as good as a sign of life at that moment.</summary>
    private async Task AskWitnessAsync()
    {
        if (_claim.Lease.Left is null)
        {
            return;
        }
        if (await _witness.SawDatabaseAwayAsync(_over.Token) is { } age)
        {
            _claim.Lease.Extend(_clock.GetTimestamp() - (long)(age.TotalSeconds * _clock.TimestampFrequency), Lease.AmongOthers);
            CheckLease();
        }
    }

    private void Look(Run? run)
    {
        if (run is null)
        {
            _lost = true;
            Interrupt(StopReason.ClaimLost);
            return;
        }
        CheckLease();
        if (run.CancelRequestedAt is not null)
        {
            Interrupt(StopReason.Canceled);
        }
        if (run.ForceCancelRequestedAt is not null)
        {
            _kill.Cancel();
        }
    }

    /// <summary>Does what is due by what is left of the lease, and sees to it that it looks again when the next is.</summary>
    private void CheckLease()
    {
        if (_claim.Lease.Left is not { } left)
        {
            return;
        }
        var next = left - Lease.TimeToSave;
        if (next <= TimeSpan.Zero)
        {
            Interrupt(StopReason.LeaseLost);
            next = left - Lease.TimeToDie;
        }
        if (next <= TimeSpan.Zero)
        {
            _kill.Cancel();
            return;
        }
        _lease.Change(next, Timeout.InfiniteTimeSpan);
    }

    private async Task ChangeOrAsync(TimeSpan pause, ISubscription changes)
    {
        using var beat = new CancellationTokenSource(pause, _clock);
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
