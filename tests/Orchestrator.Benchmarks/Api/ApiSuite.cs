using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Api;

/// <summary>How many authenticated requests a second, against an endpoint of the same server that does nothing; how long they take at half
/// that load; and how little lists grow with what is in them.</summary>
internal sealed class ApiSuite : ISuite
{
    private const string Organization = "benchmark";
    private const string Empty = "/healthz";

    public string Name => "api";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        var data = area.Fresh("data");
        await using var server = await ServerProcess.StartAsync(options, data);
        using var api = new ApiClient(server.Address);
        using var database = new Database(options, data);
        await MeasureRatesAsync(options, report, api);
        await new PlanDelay(options, report, api, area, new Uri(server.Address)).MeasureAsync();
        await new ListGrowth(options, report, api, database).MeasureAsync();
        report.Add("resident after it", ProcessMemory.Resident(server.Id), "MB");
    }

    private static async Task MeasureRatesAsync(BenchmarkOptions options, Report report, ApiClient api)
    {
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
        report.Add("GET a workspace by its id", byId, "requests/s", empty, Goal.RatioAtLeast(0.3));
        report.Add("GET a workspace by its name", byName, "requests/s", empty);

        var (slowest, slowestEmpty) = (new Series(), new Series());
        for (var round = 0; round < options.Times(usually: 5, quick: 1); round++)
        {
            slowestEmpty.Add(await load.SlowestHundredthAsync(Empty, byId.Median / 2));
            slowest.Add(await load.SlowestHundredthAsync($"workspaces/{workspace}", byId.Median / 2));
        }
        report.Add("GET a workspace by its id at half that load, p99", slowest, "ms", slowestEmpty, Goal.ValueAtMost(25));
    }
}
