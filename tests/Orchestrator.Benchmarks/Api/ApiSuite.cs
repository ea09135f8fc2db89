using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Api;

/// <summary>How many authenticated requests a second, against an endpoint of the same server that does nothing.</summary>
internal sealed class ApiSuite : ISuite
{
    private const string Organization = "benchmark";
    private const string Empty = "/healthz";

    public string Name => "api";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        await using var server = await ServerProcess.StartAsync(options, area.Fresh("data"));
        using var api = new ApiClient(server.Address);
        await api.CreateOrganizationAsync(Organization);
        var workspace = await api.CreateWorkspaceAsync(Organization, "measured");
        var load = new Load(api.Http, TimeSpan.FromSeconds(options.Times(usually: 4, quick: 1)));

        await load.RateAsync(Empty);
        await load.RateAsync($"workspaces/{workspace}");
        var (empty, byId, byName) = (new Series(), new Series(), new Series());
        for (var round = 0; round < options.Times(usually: 5, quick: 1); round++)
        {
            empty.Add(await load.RateAsync(Empty));
            byId.Add(await load.RateAsync($"workspaces/{workspace}"));
            byName.Add(await load.RateAsync($"organizations/{Organization}/workspaces/measured"));
        }
        report.Add("GET a workspace by its id", byId, "requests/s", empty);
        report.Add("GET a workspace by its name", byName, "requests/s", empty);
        report.Add("resident after it", ProcessMemory.Resident(server.Id), "MB");
    }
}
