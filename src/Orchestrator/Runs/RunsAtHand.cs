using System.Collections.Concurrent;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>The phases that this process carries out or clears up. An attempt that has lost its claim may be clearing up, and a new one would work
/// in the same place, under the same name: such a run is left to others until it is gone.</summary>
public sealed class RunsAtHand
{
    private readonly ConcurrentDictionary<RunWatch, TaskCompletionSource> _working = new();
    private readonly ConcurrentDictionary<Arrival, TaskCompletionSource> _arriving = new();

    internal IEnumerable<RunWatch> Watches => _working.Keys;

    internal RunId[] Runs => [.. _working.Keys.Select(watch => watch.RunId).Distinct()];

    internal bool Holds(RunId run) => _working.Keys.Any(watch => watch.RunId == run);

    /// <summary>Something may begin until what this returns is disposed of.</summary>
    internal Arrival Arrive()
    {
        var arrival = new Arrival(this);
        _arriving[arrival] = NewSignal();
        return arrival;
    }

    internal void Begin(RunWatch watch) => _working[watch] = NewSignal();

    internal void End(RunWatch watch)
    {
        if (_working.TryRemove(watch, out var done))
        {
            done.SetResult();
        }
    }

    /// <summary>Ends when nothing is done any more for the run.</summary>
    internal Task GoneAsync(RunId run) => Task.WhenAll(_working.Where(one => one.Key.RunId == run).Select(one => one.Value.Task));

    /// <summary>Ends when there is none, also of those that begin meanwhile.</summary>
    internal async Task NoneAsync()
    {
        while (!_working.IsEmpty || !_arriving.IsEmpty)
        {
            await Task.WhenAll(_working.Values.Concat(_arriving.Values).Select(done => done.Task));
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From before a phase is claimed until it is watched over.</summary>
    public sealed class Arrival(RunsAtHand atHand) : IDisposable
    {
        public void Dispose()
        {
            if (atHand._arriving.TryRemove(this, out var done))
            {
                done.SetResult();
            }
        }
    }
}
