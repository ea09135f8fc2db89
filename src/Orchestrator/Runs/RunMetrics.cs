using System.Diagnostics.Metrics;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>What an operator wants to see moving. Instruments of the meter <see cref="MeterName"/>.</summary>
public sealed class RunMetrics : IDisposable
{
    public const string MeterName = "Orchestrator";

    private readonly Meter _meter = new(MeterName);
    private readonly UpDownCounter<int> _running;
    private readonly Counter<int> _ended;
    private readonly Histogram<double> _seconds;

    public RunMetrics()
    {
        _running = _meter.CreateUpDownCounter<int>("orchestrator_phases_running", description: "Phases that this worker carries out now.");
        _ended = _meter.CreateCounter<int>("orchestrator_phases_ended", description: "Phases that ended, by phase and ending.");
        _seconds = _meter.CreateHistogram<double>("orchestrator_step_seconds", "s", "How long the steps of phases took.");
    }

    public void Started(RunPhase phase) => _running.Add(1, Phase(phase));

    public void Ended(RunPhase phase, PhaseEnding ending, IReadOnlyList<PhaseStep> steps)
    {
        _running.Add(-1, Phase(phase));
        _ended.Add(1, Phase(phase), KeyValuePair.Create<string, object?>("ending", ending.ToString().ToLowerInvariant()));
        foreach (var step in steps)
        {
            _seconds.Record(step.Milliseconds / 1000.0, Phase(phase), KeyValuePair.Create<string, object?>("step", step.Name));
        }
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Phase(RunPhase phase) => KeyValuePair.Create<string, object?>("phase", EnumText.Of(phase));
}
