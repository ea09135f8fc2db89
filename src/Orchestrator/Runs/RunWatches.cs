using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Runs;

/// <summary>All phases that this process carries out. When the process is told to end, it waits until each has saved its state and recorded its
/// end; only then may the web server, which takes the state in, go down.</summary>
/// <remarks>Plans are interrupted at once, for others do them again. Applies go on to their end when a service manager has asked (SIGTERM), for as
/// long as <see cref="WorkerOptions.TimeToDrain"/>; a person at a terminal (SIGINT, SIGQUIT) does not want to wait for them, not even after that.</remarks>
public sealed class RunWatches(
    RunClaims claims, RunsAtHand atHand, IWitness witness, IAnnouncements announcements, IOptions<RunLimits> limits, IOptions<WorkerOptions> worker,
    TimeProvider clock)
    : IHostedLifecycleService, IDisposable
{
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PosixSignalRegistration[] _signals = [];
    private volatile bool _mayDrain;
    private volatile bool _closing;
    private volatile bool _draining;

    /// <summary>Before a phase is claimed: as long as what this returns is not disposed of, this process does not end, for the claim may have been made.</summary>
    /// <exception cref="OperationCanceledException">This process ends, and claims nothing any more.</exception>
    public RunsAtHand.Arrival Arrive()
    {
        var arrival = atHand.Arrive();
        if (_closing)
        {
            arrival.Dispose();
            throw new OperationCanceledException("This process is about to end.");
        }
        return arrival;
    }

    /// <summary>Watches over a claimed phase until the returned guard is disposed.</summary>
    public Watching Begin(RunClaim claim)
    {
        var watch = new RunWatch(claim, claims, witness, announcements, limits.Value, clock);
        atHand.Begin(watch);
        if (_closing)
        {
            Close(watch);
        }
        return new Watching(atHand, watch);
    }

    /// <summary>False for a run that this process has claimed and lost sight of: its end could not be recorded.</summary>
    public bool AreWatching(RunId run) => atHand.Holds(run);

    /// <summary>Ends when this process does nothing for the run any more.</summary>
    public Task GoneAsync(RunId run) => atHand.GoneAsync(run);

    /// <summary>Whoever has asked this process to end, or will, gives its applies time.</summary>
    public void AllowDraining() => _mayDrain = true;

    /// <summary>Nothing may take its time any more.</summary>
    public void Hurry() => _hurry.TrySetResult();

    /// <summary>Signals are listened to from here on: the host, which acts on them, has begun to before, and is told after.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => AllowDraining()),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Hurry()),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => Hurry()),
        ];
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = _mayDrain && !_hurry.Task.IsCompleted;
        _closing = true;
        CloseAll();
        if (_draining)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(atHand.NoneAsync(), _hurry.Task, Task.Delay(worker.Value.TimeToDrain, clock, over.Token));
            await over.CancelAsync();
            _draining = false;
            CloseAll();
        }
        await atHand.NoneAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
    }

    private void CloseAll()
    {
        foreach (var watch in atHand.Watches)
        {
            Close(watch);
        }
    }

    private void Close(RunWatch watch)
    {
        if (!_draining || watch.Phase == RunPhase.Plan)
        {
            watch.Interrupt(StopReason.ShuttingDown);
        }
    }

    /// <summary>One phase being watched. Disposed when the phase's end is recorded.</summary>
    public sealed class Watching(RunsAtHand atHand, RunWatch watch) : IAsyncDisposable
    {
        public RunWatch Watch => watch;

        public async ValueTask DisposeAsync()
        {
            await watch.DisposeAsync();
            atHand.End(watch);
        }
    }
}
