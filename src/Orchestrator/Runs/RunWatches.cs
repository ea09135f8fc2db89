using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Runs;

/// <summary>All phases that this process carries out. When the process is told to end, it interrupts them and waits until each
/// has saved its state and recorded its end; only then may the web server, which takes the state in, go down.</summary>
public sealed class RunWatches(
    RunClaims claims, RunsAtHand atHand, IWitness witness, IAnnouncements announcements, IOptions<RunLimits> limits, TimeProvider clock)
    : IHostedLifecycleService
{
    private volatile bool _closing;

    /// <summary>Watches over a claimed phase until the returned guard is disposed.</summary>
    public Watching Begin(RunClaim claim)
    {
        var watch = new RunWatch(claim, claims, witness, announcements, limits.Value, clock);
        atHand.Begin(watch);
        if (_closing)
        {
            watch.Interrupt(StopReason.ShuttingDown);
        }
        return new Watching(atHand, watch);
    }

    /// <summary>False for a run that this process has claimed and lost sight of: its end could not be recorded.</summary>
    public bool AreWatching(RunId run) => atHand.Holds(run);

    /// <summary>Ends when this process does nothing for the run any more.</summary>
    public Task GoneAsync(RunId run) => atHand.GoneAsync(run);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _closing = true;
        foreach (var watch in atHand.Watches)
        {
            watch.Interrupt(StopReason.ShuttingDown);
        }
        await atHand.GoneAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
