using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>How long a line takes from the command that prints it to whoever follows the log: through terraform and its worker, the database, and
/// the process that he reads from, which on PostgreSQL is another one.</summary>
internal static class LiveTail
{
    public static async Task MeasureAsync(BenchmarkOptions options, WorkArea area, Report report)
    {
        var lines = options.Times(usually: 400, quick: 40);
        var raw = await PrintedLines.RawAsync(lines, area);
        var (where, tail) = options.Database == DatabaseProvider.PostgreSql
            ? ("in another process", await AcrossProcessesAsync(options, area, lines))
            : ("in one process", await InOneProcessAsync(options, area, lines));
        Report.Say($"a log line at its reader {where}: {tail.Describe("ms")}; raw: {raw.Describe("ms")}");
        report.Add($"a log line at its reader {where}, p95", tail.NinetyFifth, "ms", raw.NinetyFifth, Goal.ValueAtMost(50));
    }

    private static async Task<Series> AcrossProcessesAsync(BenchmarkOptions options, WorkArea area, int lines)
    {
        await using var cluster = await Cluster.StartAsync(options, area);
        await cluster.StartWorkersAsync(count: 1, places: 2);
        await cluster.Api.RunAsync(await cluster.FreshWorkspaceAsync());
        return await FollowAsync(cluster.Api, cluster.Address, area, lines);
    }

    private static async Task<Series> InOneProcessAsync(BenchmarkOptions options, WorkArea area, int lines)
    {
        await using var server = await ServerProcess.StartAsync(options, area.Fresh("data"));
        using var api = new ApiClient(server.Address);
        await api.CreateOrganizationAsync(ScaleSuite.Organization);
        return await FollowAsync(api, server.Address, area, lines);
    }

    private static async Task<Series> FollowAsync(ApiClient api, string address, WorkArea area, int lines)
    {
        var configuration = area.Fresh("talkative");
        await File.WriteAllTextAsync(Path.Combine(configuration, "main.tf"), PrintedLines.Configuration(lines));
        var workspace = await api.CreateWorkspaceAsync(ScaleSuite.Organization, "talkative", configuration);
        using var reader = await PageClient.SignInAsync(address);
        var run = await api.CreateRunAsync(workspace);
        var ages = new List<double>();
        await foreach (var item in reader.FollowAsync($"/app/events/runs/{run}/logs/apply"))
        {
            ages.AddRange(PrintedLines.AgesIn(item.Data));
        }
        return ages.Count == lines
            ? Series.Of(ages)
            : throw new InvalidOperationException(FormattableString.Invariant($"Of {lines} lines {ages.Count} have arrived."));
    }
}
