using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;
using Orchestrator.Workspaces;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>Lists of workspaces, with few and with many in the organisation.</summary>
internal static class WorkspaceLists
{
    private const string Small = "small";
    private const string Large = "large";
    private const int Few = 100;

    public static async Task MeasureAsync(BenchmarkOptions options, WorkArea area, Report report)
    {
        var data = area.Fresh("data");
        await using var server = await ServerProcess.StartAsync(options, data);
        using var api = new ApiClient(server.Address);
        using var database = new Database(options, data);
        var many = options.Times(usually: 10_000, quick: 1_000);
        await api.CreateOrganizationAsync(Small);
        await database.AddWorkspacesAsync(Small, Few);
        await api.CreateOrganizationAsync(Large);
        await database.AddWorkspacesAsync(Large, many);

        await CompareAsync(options, report, api, $"first page of workspaces: {many} against {Few}",
            "organizations/{0}/workspaces", "organizations/{0}/workspaces");
        await CompareAsync(options, report, api, $"last page of workspaces: {many} against {Few}",
            $"organizations/{{0}}/workspaces?page%5Bnumber%5D={many / 20}", $"organizations/{{0}}/workspaces?page%5Bnumber%5D={Few / 20}");
        await CompareAsync(options, report, api, $"search by name: {many} against {Few}",
            "organizations/{0}/workspaces?search%5Bname%5D=measured-00042", "organizations/{0}/workspaces?search%5Bname%5D=measured-00042");
        await CompareAsync(options, report, api, $"one workspace by name: {many} against {Few}",
            "organizations/{0}/workspaces/measured-00042", "organizations/{0}/workspaces/measured-00042");
    }

    /// <summary>The small organisation is the baseline: the ratio is the growth.</summary>
    private static Task CompareAsync(BenchmarkOptions options, Report report, ApiClient api, string name, string inLarge, string inSmall) =>
        Asked.CompareAsync(options, report, name,
            () => api.GetAsync(string.Format(CultureInfo.InvariantCulture, inLarge, Large)),
            () => api.GetAsync(string.Format(CultureInfo.InvariantCulture, inSmall, Small)));
}
