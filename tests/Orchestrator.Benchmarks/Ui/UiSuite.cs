using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Workspaces;

namespace Orchestrator.Benchmarks.Ui;

/// <summary>How long pages take on the server, each against an endpoint of the same server that does nothing, and how much a first visit loads.</summary>
internal sealed class UiSuite : ISuite
{
    private const string Organization = "benchmark";
    private const string Empty = "/healthz";

    public string Name => "ui";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        var data = area.Fresh("data");
        await using var server = await ServerProcess.StartAsync(options, data);
        using var api = new ApiClient(server.Address);
        using var database = new Database(options, data);
        using var visitor = await PageClient.SignInAsync(server.Address);
        await api.CreateOrganizationAsync(Organization);

        var lines = options.Times(usually: 400, quick: 40);
        var (onScreen, raw) = await LinesOnScreen.MeasureAsync(server.Address, configuration => StartAsync(api, area, "lines", configuration), area, lines);
        Report.Say($"a log line on the screen: {onScreen.Describe("ms")}; raw: {raw.Describe("ms")}");
        report.Add("a log line on the screen after the command printed it, p95", onScreen.NinetyFifth, "ms", raw.NinetyFifth, Goal.ValueAtMost(100));

        var changes = options.Times(usually: 2_000, quick: 50);
        var small = await RunAsync(api, area, 20);
        var large = await RunAsync(api, area, changes);
        await FillAsync(database, options.Times(usually: 10_000, quick: 500));
        await database.AnalyzeAsync();
        await CompareAsync(options, report, visitor, "run page", small, Goal.ValueAtMost(50));
        await CompareAsync(options, report, visitor, $"run page of a plan with {changes} changes", large, Goal.ValueAtMost(1000));
        await CompareAsync(options, report, visitor, $"search in a plan with {changes} changes", $"{large}?q=%5B17", Goal.ValueAtMost(1000));
        await CompareAsync(options, report, visitor, "list of 10000 workspaces", $"/app/{Organization}", Goal.ValueAtMost(50));
        await CompareAsync(options, report, visitor, "the same, searched", $"/app/{Organization}?q=99", Goal.ValueAtMost(50));
        await CompareAsync(options, report, visitor, "the same, by tag and latest change", $"/app/{Organization}?tag=env%3Dprod&sort=-changed", Goal.ValueAtMost(50));
        await CompareAsync(options, report, visitor, "home", "/", Goal.ValueAtMost(50));
        report.Add("first visit of the workspace list, compressed", await visitor.FirstVisitAsync($"/app/{Organization}") / 1024.0, "KiB", goal: Goal.ValueAtMost(200));
        report.Add("first visit of the run page, compressed", await visitor.FirstVisitAsync(small) / 1024.0, "KiB", goal: Goal.ValueAtMost(200));
    }

    private static async Task CompareAsync(BenchmarkOptions options, Report report, PageClient visitor, string name, string path, Goal goal)
    {
        var (took, empty) = (new Series(), new Series());
        var warmUps = options.Times(usually: 20, quick: 2);
        for (var round = 0; round < warmUps + options.Times(usually: 101, quick: 5); round++)
        {
            var (nothing, page) = (await visitor.TimeAsync(Empty), await visitor.TimeAsync(path));
            if (round >= warmUps)
            {
                empty.Add(nothing);
                took.Add(page);
            }
        }
        report.Add(name, took, "ms", empty, goal);
    }

    private static async Task<string> RunAsync(ApiClient api, WorkArea area, int resources)
    {
        var configuration = string.Create(CultureInfo.InvariantCulture, $$"""
            resource "terraform_data" "base" { input = "base" }
            resource "terraform_data" "item" {
              count = {{resources - 1}}
              input = { base = terraform_data.base.id, name = "item-${count.index}", tags = ["a", "b"] }
            }
            """);
        var page = await StartAsync(api, area, string.Create(CultureInfo.InvariantCulture, $"plan-{resources}"), configuration);
        await api.WaitUntilAppliedAsync(page.Split('/')[^1]);
        return page;
    }

    /// <returns>The run's page.</returns>
    private static async Task<string> StartAsync(ApiClient api, WorkArea area, string workspace, string configuration)
    {
        var directory = area.Fresh("configuration");
        await File.WriteAllTextAsync(Path.Combine(directory, "main.tf"), configuration);
        var run = await api.CreateRunAsync(await api.CreateWorkspaceAsync(Organization, workspace, directory));
        return $"/app/{Organization}/{workspace}/runs/{run}";
    }

    private static async Task FillAsync(Database database, int count)
    {
        await using var db = database.Open();
        var project = await (
            from row in db.Projects
            join owner in db.Organizations on row.OrganizationId equals owner.Id
            where owner.Name == Organization
            select row).FirstAsync();
        var configuration = await db.ConfigurationVersions.Select(version => version.Id).FirstAsync();
        RunStatus[] statuses = [RunStatus.Applied, RunStatus.Errored, RunStatus.Planned, RunStatus.PlannedAndFinished];
        foreach (var number in Enumerable.Range(0, count))
        {
            Add(db, project, configuration, number, statuses[number % statuses.Length]);
        }
        await db.SaveChangesAsync();
    }

    private static void Add(OrchestratorDbContext db, Project project, ConfigurationVersionId configuration, int number, RunStatus status)
    {
        var at = project.CreatedAt.AddSeconds(number);
        var run = PastRun.Of(project.OrganizationId, Identifier.New<WorkspaceId>(), configuration, at);
        var workspace = new Workspace
        {
            Id = run.WorkspaceId,
            OrganizationId = project.OrganizationId,
            ProjectId = project.Id,
            Name = string.Create(CultureInfo.InvariantCulture, $"measured-{number:D5}"),
            CreatedAt = at,
            UpdatedAt = at,
        };
        db.Workspaces.Add(workspace);
        db.Entry(workspace).Property(row => row.CurrentRunId).CurrentValue = run.Id;
        db.Entry(db.Runs.Add(run).Entity).Property(row => row.Status).CurrentValue = status;
        db.Plans.Add(new Plan { Id = Identifier.New<PlanId>(), RunId = run.Id });
        db.Applies.Add(new Apply { Id = Identifier.New<ApplyId>(), RunId = run.Id });
    }
}
