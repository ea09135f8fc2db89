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
        foreach (var workers in new[] { 1, 2, 4 })
        {
            var (platform, raw, first) = (new Series(), new Series(), new Series());
            await cluster.StartWorkersAsync(workers, Places / workers);
            await BeginAsync(cluster, runs: options.Times(usually: 2 * Places, quick: 1));
            // What a process does for the first hundred times takes longer, because it is compiled meanwhile. Workers live for longer than that.
            for (var round = 0; round < options.Times(usually: 1 + (2 * workers), quick: 1); round++)
            {
                first.Add(await throughput.OfPlatformAsync());
            }
            for (var round = 0; round < options.Times(usually: 3, quick: 1); round++)
            {
                raw.Add(await throughput.OfRawTerraformAsync());
                platform.Add(await throughput.OfPlatformAsync());
            }
            await cluster.StopWorkersAsync();
            var who = $"{workers} worker{(workers == 1 ? "" : "s")}";
            report.Add($"the same, {who}, before they are under way", first, "runs/s");
            report.Add($"{throughput.What}, {who}", platform, "runs/s", raw, Goal.RatioAtLeast(0.7));
        }
    }

    /// <summary>Each place has carried out a run or two.</summary>
    private static async Task BeginAsync(Cluster cluster, int runs) =>
        await Task.WhenAll(Enumerable.Range(0, runs).Select(async _ => await cluster.Api.RunAsync(await cluster.FreshWorkspaceAsync())));
}
