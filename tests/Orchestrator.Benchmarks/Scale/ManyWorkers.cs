using Orchestrator.Benchmarks.Harness;
using Orchestrator.Benchmarks.Runs;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>How many runs a second one, two and four workers carry out that share as many places, against raw terraform with as many commands at
/// a time: what it costs that several processes take from one queue.</summary>
internal static class ManyWorkers
{
    private const int Places = 4;

    public static async Task MeasureAsync(BenchmarkOptions options, WorkArea area, Report report)
    {
        if (options.Database == DatabaseProvider.Sqlite)
        {
            Report.Say("On SQLite one process does everything, and `runs` measures it; several workers take PostgreSQL.");
            return;
        }
        await using var cluster = await Cluster.StartAsync(options, area);
        var throughput = new Throughput(options, area, cluster.Api, cluster.FreshWorkspaceAsync, Places);
        var figures = new[] { 1, 2, 4 }.Select(workers => (Workers: workers, Platform: new Series(), Raw: new Series())).ToArray();
        for (var round = 0; round < options.Times(usually: 3, quick: 1); round++)
        {
            foreach (var (workers, platform, raw) in figures)
            {
                await cluster.StartWorkersAsync(workers, Places / workers);
                await WarmUpAsync(cluster, runs: options.Times(usually: 2 * Places, quick: 1));
                raw.Add(await throughput.OfRawTerraformAsync());
                platform.Add(await throughput.OfPlatformAsync());
                await cluster.StopWorkersAsync();
            }
        }
        foreach (var (workers, platform, raw) in figures)
        {
            report.Add($"{throughput.What}, {workers} worker{(workers == 1 ? "" : "s")}", platform, "runs/s", raw, Goal.RatioAtLeast(0.7));
        }
    }

    /// <summary>Each place has carried out a run or two: what a process does for the first time takes longer.</summary>
    private static async Task WarmUpAsync(Cluster cluster, int runs) =>
        await Task.WhenAll(Enumerable.Range(0, runs).Select(async _ => await cluster.Api.RunAsync(await cluster.FreshWorkspaceAsync())));
}
