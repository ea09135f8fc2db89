using System.Diagnostics;
using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Runs;

/// <summary>Runs a second: many runs over several workspaces, all queued at once, against raw terraform with as many directories and as many
/// commands at a time.</summary>
/// <param name="places">How many runs the platform carries out at once, in all its processes.</param>
internal sealed class Throughput(BenchmarkOptions options, WorkArea area, ApiClient api, Func<Task<string>> freshWorkspaceAsync, int places)
{
    // Rarely: with two processors, being asked is work that counts.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly int _lanes = options.Times(usually: 8, quick: 2);
    private readonly int _runsEach = options.Times(usually: 5, quick: 2);

    public string What => $"{_lanes * _runsEach} runs over {_lanes} workspaces, {places} at once";

    public async Task<double> OfRawTerraformAsync() =>
        await RateAsync(await LanesAsync(() => Task.FromResult(area.FreshCopyOf(WorkArea.Sample("hello")))), RunRawAsync);

    public async Task<double> OfPlatformAsync() => await RateAsync(await LanesAsync(freshWorkspaceAsync), RunOnPlatformAsync);

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
                run = await api.CreateRunAsync(workspace, who: $"run {number}");
            }
            return run;
        }));
        foreach (var run in last)
        {
            await api.WaitUntilAppliedAsync(run, Look);
        }
    }

    /// <summary>Each run starts without <c>.terraform</c>, as the platform's do; the state stays.</summary>
    private async Task RunRawAsync(string[] directories)
    {
        using var slots = new SemaphoreSlim(places);
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
