using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Runs;

/// <summary>What a run costs beside the terraform commands that it consists of.</summary>
internal sealed class RunsSuite : ISuite
{
    public const string Organization = "benchmark";

    public string Name => "runs";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        var data = area.Fresh("data");
        await using var server = await ServerProcess.StartAsync(options, data);
        using var api = new ApiClient(server.Address);
        await api.CreateOrganizationAsync(Organization);

        using var database = new Database(options, data);
        var bench = new RunsBench(options, area, api, server, new Timeline(database));
        var single = new SingleRun(bench);
        // What it does for the first hundred times takes longer, because it is compiled meanwhile. Servers live for longer than that.
        await single.MeasureFirstAsync(report);
        await new ManyRuns(bench).MeasureAsync(report);
        await single.MeasureAsync(report);
    }
}

/// <summary>What both measurements of runs work with.</summary>
internal sealed record RunsBench(BenchmarkOptions Options, WorkArea Area, ApiClient Api, ServerProcess Server, Timeline Timeline)
{
    private int _workspaces;

    public Task<string> FreshWorkspaceAsync() => Api.CreateWorkspaceAsync(
        RunsSuite.Organization, $"measured-{Interlocked.Increment(ref _workspaces)}", WorkArea.Sample("hello"));
}
