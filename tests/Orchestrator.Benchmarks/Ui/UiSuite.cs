using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Workspaces;

namespace Orchestrator.Benchmarks.Ui;

/// <summary>How long pages take on the server, each against an endpoint of the same server that does nothing, and how much a first visit loads.</summary>
internal sealed partial class UiSuite : ISuite
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
        var run = new Run
        {
            Id = Identifier.New<RunId>(),
            OrganizationId = project.OrganizationId,
            WorkspaceId = Identifier.New<WorkspaceId>(),
            ConfigurationVersionId = configuration,
            Options = new RunOptions(),
            Operation = RunOperation.PlanAndApply,
            Message = "Measured",
            Source = "tfe-api",
            CreatedById = null,
            CreatedBy = "admin",
            CreatedAt = at,
            UpdatedAt = at,
            ProtectedVariables = new byte[500],
            TerraformVersion = "1.11.4",
            WorkingDirectory = "",
        };
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

    /// <summary>A browser as far as the server sees one: it keeps its session, and takes what is compressed.</summary>
    private sealed class PageClient : IDisposable
    {
        private readonly HttpClient _http;

        private PageClient(string address)
        {
            _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(2) };
            _http.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "br, gzip");
        }

        public static async Task<PageClient> SignInAsync(string address)
        {
            var client = new PageClient(address);
            using var plain = new HttpRequestMessage(HttpMethod.Get, "/sign-in");
            plain.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
            var page = await (await client._http.SendAsync(plain)).Content.ReadAsStringAsync();
            var form = Forms().Matches(page).First(form => form.Value.Contains("name=\"token\"", StringComparison.Ordinal)).Value;
            var fields = Hidden().Matches(form).Select(field => KeyValuePair.Create(
                field.Groups["name"].Value, System.Net.WebUtility.HtmlDecode(field.Groups["value"].Value))).Append(KeyValuePair.Create("token", ServerProcess.AdminToken));
            using var content = new FormUrlEncodedContent(fields);
            using var answer = await client._http.PostAsync(Action().Match(form).Groups["action"].Value, content);
            return answer.RequestMessage!.RequestUri!.AbsolutePath.StartsWith("/sign-in", StringComparison.Ordinal)
                ? throw new InvalidOperationException("The sign-in with the admin token was refused.")
                : client;
        }

        public async Task<double> TimeAsync(string path)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = (await _http.GetAsync(path)).EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        /// <summary>Bytes of the page with everything that it names, as they travel.</summary>
        public async Task<long> FirstVisitAsync(string path)
        {
            using var plain = new HttpRequestMessage(HttpMethod.Get, path);
            plain.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
            using var client = new HttpRequestMessage(HttpMethod.Get, path);
            var page = await (await _http.SendAsync(plain)).Content.ReadAsStringAsync();
            var total = (await _http.GetByteArrayAsync(path)).LongLength;
            foreach (var asset in Assets().Matches(page).Select(asset => asset.Groups["address"].Value.Split('#')[0]).Distinct())
            {
                total += (await _http.GetByteArrayAsync(asset)).LongLength;
            }
            return total;
        }

        public void Dispose() => _http.Dispose();
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("action=\"(?<action>[^\"]*)\"")]
    private static partial Regex Action();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();

    [GeneratedRegex("(?:src|href)=\"(?<address>/[^\"]*\\.(?:css|js|svg)[^\"]*)\"")]
    private static partial Regex Assets();
}
