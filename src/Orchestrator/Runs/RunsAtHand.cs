using System.Collections.Concurrent;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>The runs for which this process still does something. An attempt that has lost its claim may be clearing up, and a new one would work
/// in the same place, under the same name: such a run is left to others until it is gone.</summary>
public sealed class RunsAtHand
{
    private readonly ConcurrentDictionary<RunId, byte> _runs = new();

    internal RunId[] All => [.. _runs.Keys];

    internal bool Holds(RunId run) => _runs.ContainsKey(run);

    internal void Begin(RunId run) => _runs[run] = 0;

    internal void End(RunId run) => _runs.TryRemove(run, out _);
}
