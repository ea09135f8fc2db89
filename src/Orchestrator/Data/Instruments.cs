using System.Diagnostics.Metrics;

namespace Orchestrator.Data;

/// <summary>The meter of this server. Names and units are OpenTelemetry's; Prometheus is served what its conventions make of them
/// (<c>orchestrator.phase.duration</c> in seconds is <c>orchestrator_phase_duration_seconds</c>).</summary>
public sealed class Instruments : IDisposable
{
    public const string MeterName = "Orchestrator";

    private long _failedStatements;
    private long _failedConnections;

    // Observed, so that it is there, as 0, before the first one.
    public Instruments() => Meter.CreateObservableCounter(
        "orchestrator.database.errors",
        () => new Measurement<long>[]
        {
            new(Interlocked.Read(ref _failedStatements), KeyValuePair.Create<string, object?>("kind", "statement")),
            new(Interlocked.Read(ref _failedConnections), KeyValuePair.Create<string, object?>("kind", "connection")),
        },
        unit: null, "Statements that the database has refused, and connections that it has not taken or not kept. Constraints that hold do not count.");

    public Meter Meter { get; } = new(MeterName);

    public Counter<long> Counter(string name, string description) => Meter.CreateCounter<long>(name, unit: null, description);

    /// <param name="seconds">Upper bounds of its buckets.</param>
    public Histogram<double> Seconds(string name, string description, params double[] seconds) => Histogram(name, "s", description, seconds);

    public Histogram<double> Bytes(string name, string description, params double[] bytes) => Histogram(name, "By", description, bytes);

    internal void StatementFailed() => Interlocked.Increment(ref _failedStatements);

    internal void ConnectionFailed() => Interlocked.Increment(ref _failedConnections);

    public void Dispose() => Meter.Dispose();

    private Histogram<double> Histogram(string name, string unit, string description, double[] bounds) => Meter.CreateHistogram(
        name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
