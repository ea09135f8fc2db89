using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Runs;

/// <summary>One auto-applied run at a time, in turns with raw terraform in a fresh directory.</summary>
internal sealed class SingleRun(RunsBench bench)
{
    // Rarely: being asked is work that the run would have to wait for. When it was applied, the server itself has noted.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Of a server that has only just started.</summary>
    public async Task MeasureFirstAsync(Report report)
    {
        var first = await RunAsync(warmUps: bench.Options.Times(usually: 5, quick: 1), rounds: bench.Options.Times(usually: 21, quick: 1));
        report.Add("one run before it is under way", first.Platform, "ms", first.Raw);
    }

    public async Task MeasureAsync(Report report)
    {
        var single = await RunAsync(warmUps: 1, rounds: bench.Options.Times(usually: 21, quick: 2));
        report.Add("one run, request to applied", single.Platform, "ms", single.Raw, Goal.RatioAtMost(1.6));
        report.Add("the server's own processor time for it", single.Processor, "ms");
        await ReportStepsAsync(report, single.Runs);
    }

    private async Task<Measured> RunAsync(int warmUps, int rounds)
    {
        var measured = new Measured(new Series(), new Series(), new Series(), []);
        for (var round = 0; round < warmUps + rounds; round++)
        {
            var directory = bench.Area.FreshCopyOf(WorkArea.Sample("hello"));
            var workspace = await bench.FreshWorkspaceAsync();
            var rawTook = await RawTerraform.RunAsync(directory, RawTerraform.WholeRun);
            var before = ProcessorTime.Of(bench.Server.Id);
            var started = DateTimeOffset.UtcNow;
            var run = await bench.Api.CreateRunAsync(workspace);
            var took = await bench.Api.WaitUntilAppliedAsync(run, Look) - started;
            if (round >= warmUps)
            {
                measured.Raw.Add(rawTook.TotalMilliseconds);
                measured.Platform.Add(took.TotalMilliseconds);
                measured.Processor.Add((ProcessorTime.Of(bench.Server.Id) - before).TotalMilliseconds);
                measured.Runs.Add(run);
            }
        }
        return measured;
    }

    private async Task ReportStepsAsync(Report report, IReadOnlyList<string> runs)
    {
        var steps = new Dictionary<string, Series>();
        foreach (var run in runs)
        {
            foreach (var (name, milliseconds) in await bench.Timeline.ReadAsync(run))
            {
                steps.TryAdd(name, new Series());
                steps[name].Add(milliseconds);
            }
        }
        var untilTerraform = Goal.ValueAtMost(bench.Options.Database == DatabaseProvider.Sqlite ? 50 : 100);
        foreach (var (name, series) in steps)
        {
            report.Add(name, series, "ms", goal: Timeline.IsUntilTerraform(name) ? untilTerraform : null);
        }
    }

    private sealed record Measured(Series Platform, Series Raw, Series Processor, List<string> Runs);
}
