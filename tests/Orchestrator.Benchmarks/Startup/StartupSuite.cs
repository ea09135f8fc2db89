using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Startup;

/// <summary>From nothing to the first answer, and what the server keeps in memory while nobody asks it anything.</summary>
internal sealed class StartupSuite : ISuite
{
    public string Name => "startup";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        var (fresh, existing, empty) = (new Series(), new Series(), new Series());
        for (var round = 0; round < options.Times(usually: 7, quick: 1); round++)
        {
            var data = area.Fresh("data");
            empty.Add(await TimeAsync(() => ServerProcess.StartEmptyAsync(area.Fresh("empty"))));
            await using var database = await FreshDatabase.CreateAsync(options);
            fresh.Add(await TimeAsync(() => ServerProcess.StartAsync(database.Options, data)));
            existing.Add(await TimeAsync(() => ServerProcess.StartAsync(database.Options, data)));
        }
        report.Add("start to first answer, fresh data directory", fresh, "s", empty, Goal.ValueAtMost(2));
        report.Add("start to first answer, existing data directory", existing, "s", empty, Goal.ValueAtMost(2));
        await MeasureIdleAsync(options, area, report);
    }

    private static async Task MeasureIdleAsync(BenchmarkOptions options, WorkArea area, Report report)
    {
        var wait = TimeSpan.FromSeconds(options.Times(usually: 10, quick: 1));
        var empty = await IdleAsync(() => ServerProcess.StartEmptyAsync(area.Fresh("empty")), wait);
        foreach (var environment in new[] { "Production", "Development" })
        {
            var resident = await IdleAsync(() => ServerProcess.StartAsync(options, area.Fresh("data"), environment), wait);
            report.Add($"resident while idle, {environment}", resident, "MB", empty, Goal.ValueAtMost(250));
        }
    }

    private static async Task<double> TimeAsync(Func<Task<ServerProcess>> start)
    {
        await using var server = await start();
        return server.TimeToFirstAnswer.TotalSeconds;
    }

    private static async Task<double> IdleAsync(Func<Task<ServerProcess>> start, TimeSpan wait)
    {
        await using var server = await start();
        await Task.Delay(wait);
        return ProcessMemory.Resident(server.Id);
    }
}
