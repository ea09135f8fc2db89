using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>What grows: the list of workspaces, the past of an installation, and how many processes share its work.</summary>
internal sealed class ScaleSuite : ISuite
{
    public const string Organization = "benchmark";

    public string Name => "scale";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        await WorkspaceLists.MeasureAsync(options, area, report);
        await LiveTail.MeasureAsync(options, area, report);
        await ManyWorkers.MeasureAsync(options, area, report);
        await new Growth(options, area, report).MeasureAsync();
    }
}
