using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Workspaces;

namespace Orchestrator.Benchmarks.Api;

/// <summary>Pages of long lists, each beside the same page of a short one: the ratio is the growth.</summary>
internal sealed class ListGrowth(BenchmarkOptions options, Report report, ApiClient api, Database database)
{
    private const int Batch = 2_000;

    public async Task MeasureAsync()
    {
        var (fewWorkspaces, manyWorkspaces) = (100, options.Times(usually: 10_000, quick: 1_000));
        await api.CreateOrganizationAsync("few");
        await database.AddWorkspacesAsync("few", fewWorkspaces);
        await api.CreateOrganizationAsync("many");
        await database.AddWorkspacesAsync("many", manyWorkspaces);
        await database.AnalyzeAsync();
        await CompareAsync($"first page of {manyWorkspaces} workspaces against {fewWorkspaces}",
            "organizations/many/workspaces", "organizations/few/workspaces", limit: 15);
        await CompareAsync($"page in the middle of {manyWorkspaces} workspaces against {fewWorkspaces}",
            $"organizations/many/workspaces?page%5Bnumber%5D={manyWorkspaces / 40}", $"organizations/few/workspaces?page%5Bnumber%5D={fewWorkspaces / 40}", limit: 15);

        var (fewRuns, manyRuns) = (options.Times(usually: 1_000, quick: 100), options.Times(usually: 100_000, quick: 2_000));
        var few = await FillRunsAsync("few", fewRuns);
        var many = await FillRunsAsync("many", manyRuns);
        await database.AnalyzeAsync();
        await CompareAsync($"first page of {manyRuns} runs against {fewRuns}", $"workspaces/{many}/runs", $"workspaces/{few}/runs", limit: null);
        await CompareAsync($"first page of an organisation's {manyRuns} runs against {fewRuns}", "organizations/many/runs", "organizations/few/runs", limit: null);
    }

    private async Task CompareAsync(string name, string inLong, string inShort, double? limit)
    {
        var (longTook, shortTook) = (new Series(), new Series());
        var warmUps = options.Times(usually: 30, quick: 2);
        for (var round = 0; round < warmUps + options.Times(usually: 201, quick: 5); round++)
        {
            var (small, large) = (await TimeAsync(inShort), await TimeAsync(inLong));
            if (round >= warmUps)
            {
                shortTook.Add(small);
                longTook.Add(large);
            }
        }
        report.Add($"{name}: growth", longTook, "ms", shortTook, Goal.RatioAtMost(1.2));
        if (limit is { } milliseconds)
        {
            report.Add(name, longTook.Median, "ms", goal: Goal.ValueAtMost(milliseconds));
        }
    }

    private async Task<double> TimeAsync(string path)
    {
        var started = Stopwatch.GetTimestamp();
        await api.GetAsync(path);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Runs that are over, as the runs of years are, in the organisation's first workspace.</summary>
    private async Task<string> FillRunsAsync(string organization, int count)
    {
        WorkspaceId workspace;
        ConfigurationVersionId configuration;
        Project project;
        await using (var db = database.Open())
        {
            project = await Database.ProjectOfAsync(db, organization);
            workspace = await db.Workspaces.Where(row => row.ProjectId == project.Id).OrderBy(row => row.Name).Select(row => row.Id).FirstAsync();
            configuration = Identifier.New<ConfigurationVersionId>();
            db.ConfigurationVersions.Add(new ConfigurationVersion
            {
                Id = configuration, WorkspaceId = workspace, Source = "tfe-api", Status = ConfigurationVersionStatus.Uploaded, CreatedAt = project.CreatedAt,
            });
            await db.SaveChangesAsync();
        }
        for (var from = 0; from < count; from += Batch)
        {
            await using var db = database.Open();
            foreach (var number in Enumerable.Range(from, Math.Min(Batch, count - from)))
            {
                AddRun(db, project, workspace, configuration, project.CreatedAt.AddSeconds(number));
            }
            await db.SaveChangesAsync();
        }
        return workspace.Value;
    }

    private static void AddRun(
        OrchestratorDbContext db, Project project, WorkspaceId workspace, ConfigurationVersionId configuration, DateTimeOffset at)
    {
        var run = PastRun.Of(project.OrganizationId, workspace, configuration, at);
        db.Entry(db.Runs.Add(run).Entity).Property(row => row.Status).CurrentValue = RunStatus.Applied;
        db.Plans.Add(new Plan { Id = Identifier.New<PlanId>(), RunId = run.Id });
        db.Applies.Add(new Apply { Id = Identifier.New<ApplyId>(), RunId = run.Id });
    }
}
