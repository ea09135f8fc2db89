using System.Diagnostics;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Benchmarks.Runs;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>What an installation of years does more slowly than one that was made today: both are up, and are asked in turns.</summary>
internal sealed class Growth(BenchmarkOptions options, WorkArea area, Report report)
{
    private readonly int _workspaces = options.Times(usually: 10_000, quick: 1_000);
    private readonly int _runs = options.Times(usually: 1_000_000, quick: 20_000);

    public async Task MeasureAsync()
    {
        await using var young = await StartAsync(history: false);
        await using var old = await StartAsync(history: true);
        var what = FormattableString.Invariant($"{_runs} runs of {_workspaces} workspaces");
        await MeasureRunsAsync(what, old, young);
        await CompareAsync($"first page of a workspace's runs: {what} against few", old, young, one => $"workspaces/{one.Workspace}/runs");
        await CompareAsync($"first page of an organisation's runs: {what} against few", old, young, _ => $"organizations/{ScaleSuite.Organization}/runs");
        await CompareAsync($"what its workers do next: {what} against few", old, young, _ => $"organizations/{ScaleSuite.Organization}/runs/queue");
        await MeasureIdleAsync(what, old, young);
    }

    private Task CompareAsync(string name, Installation old, Installation young, Func<Installation, string> path) =>
        Asked.CompareAsync(options, report, name, () => old.Api.GetAsync(path(old)), () => young.Api.GetAsync(path(young)));

    private async Task MeasureRunsAsync(string what, Installation old, Installation young)
    {
        var (inOld, inYoung) = (new RunTimes(), new RunTimes());
        var warmUps = options.Times(usually: 5, quick: 1);
        for (var round = 0; round < warmUps + options.Times(usually: 41, quick: 3); round++)
        {
            foreach (var (installation, times) in new[] { (young, inYoung), (old, inOld) })
            {
                await MeasureRunAsync(installation, round, round < warmUps ? new RunTimes() : times);
            }
        }
        report.Add($"a run's creation: {what} against none", inOld.Creation, "ms", inYoung.Creation, Goal.RatioAtMost(1.2));
        report.Add("its phases, queued to terraform's start", inOld.Start, "ms", inYoung.Start);
        report.Add("the whole run", inOld.Whole, "ms", inYoung.Whole);
    }

    private static async Task MeasureRunAsync(Installation installation, int round, RunTimes times)
    {
        var started = Stopwatch.GetTimestamp();
        var run = await installation.Api.CreateRunAsync(installation.Workspace, who: FormattableString.Invariant($"round {round}"));
        times.Creation.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        await installation.Api.WaitUntilAppliedAsync(run);
        times.Whole.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        foreach (var (_, milliseconds) in (await installation.Timeline.ReadAsync(run)).Where(step => Timeline.IsUntilTerraform(step.Name)))
        {
            times.Start.Add(milliseconds);
        }
    }

    /// <summary>Every few seconds each process looks whether all is well: what that costs must not grow with the past.</summary>
    private async Task MeasureIdleAsync(string what, Installation old, Installation young)
    {
        var seconds = options.Times(usually: 30, quick: 5);
        var (oldBefore, youngBefore) = (ProcessorTime.Of(old.Server.Id), ProcessorTime.Of(young.Server.Id));
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        report.Add(
            $"the idle server's processor time: {what} against few", (ProcessorTime.Of(old.Server.Id) - oldBefore).TotalMilliseconds / seconds, "ms/s",
            (ProcessorTime.Of(young.Server.Id) - youngBefore).TotalMilliseconds / seconds);
    }

    private async Task<Installation> StartAsync(bool history)
    {
        var fresh = await FreshDatabase.CreateAsync(options);
        var data = area.Fresh("data");
        var database = new Database(fresh.Options, data);
        string workspace;
        // Nobody else writes while it is filled.
        await using (var first = await ServerProcess.StartAsync(fresh.Options, data))
        {
            using var api = new ApiClient(first.Address);
            await api.CreateOrganizationAsync(ScaleSuite.Organization);
            workspace = await api.CreateWorkspaceAsync(ScaleSuite.Organization, "measured", WorkArea.Sample("hello"));
        }
        if (history)
        {
            var started = Stopwatch.GetTimestamp();
            await new History(database, fresh.Options.Database, _workspaces, _runs).WriteAsync(new WorkspaceId(workspace));
            Report.Say(FormattableString.Invariant($"the runs were written in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
        }
        return new Installation(fresh, database, await ServerProcess.StartAsync(fresh.Options, data), workspace);
    }

    private sealed record RunTimes
    {
        public Series Creation { get; } = new();

        public Series Start { get; } = new();

        public Series Whole { get; } = new();
    }

    private sealed class Installation(FreshDatabase fresh, Database database, ServerProcess server, string workspace) : IAsyncDisposable
    {
        public ServerProcess Server => server;

        public string Workspace => workspace;

        public ApiClient Api { get; } = new(server.Address);

        public Timeline Timeline { get; } = new(database);

        public async ValueTask DisposeAsync()
        {
            Api.Dispose();
            await server.DisposeAsync();
            database.Dispose();
            await fresh.DisposeAsync();
        }
    }
}
