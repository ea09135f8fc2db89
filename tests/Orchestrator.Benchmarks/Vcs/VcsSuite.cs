using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Vcs;

namespace Orchestrator.Benchmarks.Vcs;

/// <summary>How fast deliveries of version control are answered when many come at once, whether any is lost, and how long it takes from one to
/// its run.</summary>
internal sealed class VcsSuite : ISuite
{
    private const int InFlight = 200;
    private const int Burst = 1000;
    private const string Secret = "the-benchmarks-own-webhook-secret";

    public string Name => "vcs";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        var data = area.Fresh("data");
        await using var git = await GitHost.StartAsync(area.Fresh("git"));
        await using var server = await ServerProcess.StartAsync(options, data);
        await using var empty = await ServerProcess.StartEmptyAsync(area.Fresh("empty"));
        using var api = new ApiClient(server.Address);
        await api.CreateOrganizationAsync("acme");
        var connection = await ConnectAsync(api, git);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = InFlight });
        var deliveries = new Deliveries(http, $"{server.Address}/webhooks/git/{connection.Id}");
        using var database = new Database(options, data);

        await MeasureAnswersAsync(options, report, deliveries, http, $"{empty.Address}{EmptyServer.Path}");
        await MeasureBurstAsync(report, deliveries, database);
        await MeasureWayAsync(options, report, api, deliveries, git, connection.TokenId, database);
    }

    private static async Task<(string Id, string TokenId)> ConnectAsync(ApiClient api, GitHost git)
    {
        var created = await api.PostAsync("organizations/acme/oauth-clients", new JsonObject
        {
            ["service-provider"] = "git", ["http-url"] = git.Address, ["webhook-secret"] = Secret,
        });
        return (created.GetProperty("id").GetString()!, created.GetProperty("relationships").GetProperty("oauth-tokens").GetProperty("data")[0].GetProperty("id").GetString()!);
    }

    /// <summary>Each of so many senders sends again as soon as it has its answer: there are always that many on their way.</summary>
    private static async Task MeasureAnswersAsync(BenchmarkOptions options, Report report, Deliveries deliveries, HttpClient http, string raw)
    {
        var (answers, baseline) = (new Series(), new Series());
        await SendAsync(options.Times(usually: 10, quick: 1), new Series(), () => deliveries.SendAsync("ping", "{}"));
        await SendAsync(options.Times(usually: 50, quick: 2), answers, () => deliveries.SendAsync("ping", "{}"));
        await SendAsync(options.Times(usually: 50, quick: 2), baseline, async () => (await http.GetAsync(raw)).Dispose());
        report.Add($"delivery answered, {InFlight} in flight", answers, "ms", baseline, Goal.ValueAtMost(20));
    }

    private static async Task SendAsync(int each, Series series, Func<Task> send)
    {
        var took = await Task.WhenAll(Enumerable.Range(0, InFlight).Select(async _ =>
        {
            var mine = new List<double>();
            for (var count = 0; count < each; count++)
            {
                var started = Stopwatch.GetTimestamp();
                await send();
                mine.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            return mine;
        }));
        foreach (var value in took.SelectMany(values => values))
        {
            series.Add(value);
        }
    }

    private static async Task MeasureBurstAsync(Report report, Deliveries deliveries, Database database)
    {
        await using var db = database.Open();
        var before = await db.VcsDeliveries.CountAsync();
        var (started, startedAt) = (Stopwatch.GetTimestamp(), TimeProvider.System.GetUtcNow());
        // Of a repository that nobody has linked: a job finds that out for each.
        var push = JsonSerializer.Serialize(new { repository = "acme/elsewhere", @ref = "refs/heads/main", after = new string('a', 40) });
        await Task.WhenAll(Enumerable.Range(0, Burst).Select(_ => deliveries.SendAsync("push", push)));
        report.Add($"burst of {Burst} answered", Stopwatch.GetElapsedTime(started).TotalMilliseconds, "ms");
        report.Add($"of a burst of {Burst}, lost", Burst - (await db.VcsDeliveries.CountAsync() - before), "deliveries", goal: Goal.ValueAtMost(0));
        await Database.UntilAsync("all deliveries to be handled", async () => !await db.VcsDeliveries.AnyAsync(row => row.Status == VcsDeliveryStatus.Received));
        var ended = await db.VcsDeliveries.AsNoTracking().MaxAsync(row => row.FinishedAt);
        report.Add("all of them handled", (ended!.Value - startedAt).TotalMilliseconds, "ms");
    }

    /// <summary>From the delivery of a push to its run's row, over real git: by the row's own time, which does not depend on when one looks.</summary>
    private static async Task MeasureWayAsync(
        BenchmarkOptions options, Report report, ApiClient api, Deliveries deliveries, GitHost git, string token, Database database)
    {
        var before = await git.PushAsync("main.tf", File.ReadAllText(Path.Combine(WorkArea.Sample("hello"), "main.tf")));
        var workspace = (await api.PostAsync("organizations/acme/workspaces", new JsonObject
        {
            ["name"] = "linked", ["queue-all-runs"] = true, ["vcs-repo"] = new JsonObject { ["identifier"] = GitHost.Repository, ["oauth-token-id"] = token },
        })).GetProperty("id").GetString()!;
        var (way, raw) = (new Series(), new Series());
        await using var db = database.Open();
        for (var round = 0; round < options.Times(usually: 12, quick: 2); round++)
        {
            var after = await git.PushAsync("round.txt", $"{round}");
            var cloning = Stopwatch.GetTimestamp();
            await git.CloneAsync();
            raw.Add(Stopwatch.GetElapsedTime(cloning).TotalMilliseconds);
            var runs = await db.Runs.CountAsync();
            var startedAt = TimeProvider.System.GetUtcNow();
            await deliveries.SendAsync("push", JsonSerializer.Serialize(new { repository = GitHost.Repository, @ref = "refs/heads/main", before, after }));
            await Database.UntilAsync("the run of a push", async () => await db.Runs.CountAsync() > runs);
            way.Add((await db.Runs.AsNoTracking().MaxAsync(run => run.CreatedAt) - startedAt).TotalMilliseconds);
            before = after;
            // The next one is not to wait behind it.
            await api.GetAsync($"workspaces/{workspace}");
        }
        report.Add("delivery to queued run", way, "ms", raw, Goal.ValueAtMost(1000));
    }

    /// <summary>Signed, each under a name of its own.</summary>
    private sealed class Deliveries(HttpClient http, string address)
    {
        public async Task SendAsync(string name, string payload)
        {
            var body = Encoding.UTF8.GetBytes(payload);
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add("X-Event", name);
            request.Headers.Add("X-Delivery", Guid.NewGuid().ToString());
            request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body))}");
            using var answer = await http.SendAsync(request);
            answer.EnsureSuccessStatusCode();
        }
    }
}
