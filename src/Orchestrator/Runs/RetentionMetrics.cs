using System.Diagnostics.Metrics;
using Orchestrator.Data;
using Orchestrator.Organizations;

namespace Orchestrator.Runs;

/// <summary>What this process has removed because the policies do not keep it.</summary>
public sealed class RetentionMetrics
{
    private static readonly RetainedKind[] Kinds = Enum.GetValues<RetainedKind>();

    private readonly long[] _things = new long[Kinds.Length];
    private readonly long[] _bytes = new long[Kinds.Length];

    /// <remarks>Observed, so that they are there, as 0, before the first removal: it would not count as an increase.</remarks>
    public RetentionMetrics(Instruments instruments)
    {
        instruments.Meter.CreateObservableCounter("orchestrator.retention.removed", () => Tell(_things), unit: null, "Things that the retention policy has removed, by kind.");
        instruments.Meter.CreateObservableCounter("orchestrator.retention.size", () => Tell(_bytes), unit: "By", "How much the retention policy has removed, by kind.");
    }

    internal void Removed(RetainedKind kind, int things, long bytes)
    {
        Interlocked.Add(ref _things[(int)kind], things);
        Interlocked.Add(ref _bytes[(int)kind], bytes);
    }

    private static IEnumerable<Measurement<long>> Tell(long[] counts) =>
        Kinds.Select(kind => new Measurement<long>(Interlocked.Read(ref counts[(int)kind]), KeyValuePair.Create<string, object?>("kind", EnumText.Of(kind))));
}
