using System.Diagnostics.Metrics;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>What this process does for runs, for those who watch it.</summary>
public sealed class RunMetrics
{
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _phases;
    private readonly Histogram<double> _steps;
    private readonly Histogram<double> _waits;
    private readonly Counter<long> _deliveries;
    private readonly int[] _running = new int[Enum.GetValues<RunPhase>().Length];
    private int _slots;

    public RunMetrics(Instruments instruments)
    {
        _ended = instruments.Counter("orchestrator.phases.ended", "Phases that ended, by phase and ending.");
        _phases = instruments.Seconds(
            "orchestrator.phase.duration", "How long phases took, from claim to wipe.", 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400);
        _steps = instruments.Seconds(
            "orchestrator.step.duration", "How long the steps of phases took.", 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800);
        _waits = instruments.Seconds(
            "orchestrator.queue.wait", "How long phases waited for a free worker, from when their turn had come.", 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600);
        _deliveries = instruments.Counter("orchestrator.vcs.deliveries", "Deliveries of version control that were handled, by how that ended.");
        instruments.Meter.CreateObservableGauge("orchestrator.phases.running", Running, unit: null, "Phases that this worker carries out now.");
        instruments.Meter.CreateObservableGauge("orchestrator.worker.slots", Slots, unit: null, "Phases that this worker could carry out at once: taken, and free.");
    }

    /// <summary>This process takes runs.</summary>
    /// <param name="slots">So many at once.</param>
    public void Serve(int slots) => _slots = slots;

    /// <summary>The phase takes a slot until what this returns is disposed of.</summary>
    /// <param name="waited">Null when nobody knows any more.</param>
    public IDisposable Start(RunPhase phase, TimeSpan? waited)
    {
        if (waited is { } time)
        {
            _waits.Record(Math.Max(0, time.TotalSeconds), Phase(phase));
        }
        Interlocked.Increment(ref _running[(int)phase]);
        return new Place(this, phase);
    }

    public void Ended(RunPhase phase, PhaseEnding ending, TimeSpan took, IReadOnlyList<PhaseStep> steps)
    {
        var how = KeyValuePair.Create<string, object?>("ending", EnumText.Of(ending));
        _ended.Add(1, Phase(phase), how);
        _phases.Record(took.TotalSeconds, Phase(phase), how);
        foreach (var step in steps)
        {
            _steps.Record(step.Milliseconds / 1000.0, Phase(phase), KeyValuePair.Create<string, object?>("step", step.Name));
        }
    }

    /// <param name="how">The status that it ended with, or <c>retried</c>.</param>
    public void Delivered(string how) => _deliveries.Add(1, KeyValuePair.Create<string, object?>("outcome", how));

    private IEnumerable<Measurement<int>> Running() => Enum.GetValues<RunPhase>().Select(phase => new Measurement<int>(_running[(int)phase], Phase(phase)));

    private IEnumerable<Measurement<int>> Slots()
    {
        if (_slots > 0)
        {
            var used = Math.Min(_running.Sum(), _slots);
            yield return new Measurement<int>(used, KeyValuePair.Create<string, object?>("state", "used"));
            yield return new Measurement<int>(_slots - used, KeyValuePair.Create<string, object?>("state", "free"));
        }
    }

    private static KeyValuePair<string, object?> Phase(RunPhase phase) => KeyValuePair.Create<string, object?>("phase", EnumText.Of(phase));

    private sealed class Place(RunMetrics metrics, RunPhase phase) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Decrement(ref metrics._running[(int)phase]);
            }
        }
    }
}
