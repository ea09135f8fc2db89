using Orchestrator.Benchmarks.Harness;
using Orchestrator.Runs;

namespace Orchestrator.Benchmarks.Runs;

/// <summary>How many runs a second one process carries out, in turns with raw terraform, once it is under way.</summary>
internal sealed class ManyRuns(RunsBench bench)
{
    private readonly Throughput _throughput = new(
        bench.Options, bench.Area, bench.Api, bench.FreshWorkspaceAsync, places: new WorkerOptions().MaxConcurrentRuns);

    public async Task MeasureAsync(Report report)
    {
        var (platform, raw, first) = (new Series(), new Series(), new Series());
        for (var round = 0; round < bench.Options.Times(usually: 2, quick: 1); round++)
        {
            first.Add(await _throughput.OfPlatformAsync());
        }
        for (var round = 0; round < bench.Options.Times(usually: 3, quick: 1); round++)
        {
            raw.Add(await _throughput.OfRawTerraformAsync());
            platform.Add(await _throughput.OfPlatformAsync());
        }
        report.Add("the same before it is under way", first, "runs/s");
        report.Add(_throughput.What, platform, "runs/s", raw, Goal.RatioAtLeast(0.7));
    }
}
