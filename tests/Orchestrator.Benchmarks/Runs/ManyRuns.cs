using System.Diagnostics;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Runs;

namespace Orchestrator.Benchmarks.Runs;

/// <summary>Many runs over several workspaces, all queued at once, against raw terraform with as many directories and as many
/// commands at a time.</summary>
internal sealed class ManyRuns(RunsBench bench)
{
    private readonly int _parallelism = new WorkerOptions().MaxConcurrentRuns;
    private readonly int _lanes = bench.Options.Times(usually: 8, quick: 2);
    private readonly int _runsEach = bench.Options.Times(usually: 5, quick: 2);

    public async Task MeasureAsync(Report report)
    {
        var (platform, raw) = (new Series(), new Series());
        for (var round = 0; round < bench.Options.Times(usually: 3, quick: 1); round++)
        {
            raw.Add(await RateAsync(await LanesAsync(() => Task.FromResult(bench.Area.FreshCopyOf(WorkArea.Sample("hello")))), RunRawAsync));
            platform.Add(await RateAsync(await LanesAsync(bench.FreshWorkspaceAsync), RunOnPlatformAsync));
        }
        report.Add($"{_lanes * _runsEach} runs over {_lanes} workspaces, {_parallelism} at once", platform, "runs/s", raw, Goal.RatioAtLeast(0.5));
    }

    private async Task<string[]> LanesAsync(Func<Task<string>> make)
    {
        var lanes = new string[_lanes];
        for (var lane = 0; lane < _lanes; lane++)
        {
            lanes[lane] = await make();
        }
        return lanes;
    }

    private async Task<double> RateAsync(string[] lanes, Func<string[], Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work(lanes);
        return _lanes * _runsEach / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task RunOnPlatformAsync(string[] workspaces)
    {
        var last = await Task.WhenAll(workspaces.Select(async workspace =>
        {
            var run = "";
            for (var number = 1; number <= _runsEach; number++)
            {
                run = await bench.Api.CreateRunAsync(workspace, who: $"run {number}");
            }
            return run;
        }));
        foreach (var run in last)
        {
            await bench.Api.WaitUntilAppliedAsync(run);
        }
    }

    /// <summary>Each run starts without <c>.terraform</c>, as the platform's do; the state stays.</summary>
    private async Task RunRawAsync(string[] directories)
    {
        using var slots = new SemaphoreSlim(_parallelism);
        await Task.WhenAll(directories.Select(async directory =>
        {
            for (var number = 1; number <= _runsEach; number++)
            {
                await slots.WaitAsync();
                try
                {
                    await RawTerraform.RunAsync(
                        directory, $"rm -rf .terraform .terraform.lock.hcl && {RawTerraform.WholeRun}", ("TF_VAR_who", $"run {number}"));
                }
                finally
                {
                    slots.Release();
                }
            }
        }));
    }
}
