using System.Diagnostics;
using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Runs;

/// <summary>Runs a second: many runs over several workspaces, all queued at once, against raw terraform with as many directories and as many
/// commands at a time.</summary>
/// <param name="places">How many runs the platform carries out at once, in all its processes.</param>
internal sealed class Throughput(BenchmarkOptions options, WorkArea area, ApiClient api, Func<Task<string>> freshWorkspaceAsync, int places)
{
    // Rarely: being asked is work that the runs would have to wait for. When each was applied, the server itself has noted.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly int _lanes = options.Times(usually: 8, quick: 2);
    private readonly int _runsEach = options.Times(usually: 5, quick: 2);

    public string What => $"{_lanes * _runsEach} runs over {_lanes} workspaces, {places} at once";

    public async Task<double> OfRawTerraformAsync()
    {
        var directories = await LanesAsync(() => Task.FromResult(area.FreshCopyOf(WorkArea.Sample("hello"))));
        var started = Stopwatch.GetTimestamp();
        await RunRawAsync(directories);
        return Rate(Stopwatch.GetElapsedTime(started));
    }

    public async Task<double> OfPlatformAsync()
    {
        var workspaces = await LanesAsync(freshWorkspaceAsync);
        var started = DateTimeOffset.UtcNow;
        return Rate(await RunOnPlatformAsync(workspaces) - started);
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

    private double Rate(TimeSpan took) => _lanes * _runsEach / took.TotalSeconds;

    /// <returns>When the last of them was applied.</returns>
    private async Task<DateTimeOffset> RunOnPlatformAsync(string[] workspaces)
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
        var ended = DateTimeOffset.MinValue;
        foreach (var run in last)
        {
            var applied = await api.WaitUntilAppliedAsync(run, Look);
            ended = applied > ended ? applied : ended;
        }
        return ended;
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
