using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Faults;

/// <summary>Runs without end over several workspaces, while one part after another is hurt at any moment, and the oracle of <see cref="FaultSuite"/>
/// over every run. Too long for every day: <c>eng/faults.sh</c> with <c>SOAK=30</c> runs it for so many minutes.</summary>
public sealed partial class Soak
{
    private const string Minutes = "ORCHESTRATOR_SOAK";
    private const int Workspaces = 4;

    /// <summary>Each run replaces both, and says which run has.</summary>
    private const string Configuration = """
        variable "round" { type = number }
        resource "terraform_data" "one" {
          triggers_replace = var.round
          provisioner "local-exec" { command = "sleep 1" }
        }
        resource "terraform_data" "two" {
          depends_on       = [terraform_data.one]
          triggers_replace = var.round
          provisioner "local-exec" { command = "sleep 1" }
        }
        """;

    private static readonly Victim[] Victims =
    [
        Victim.Worker, Victim.Web, Victim.Database, Victim.FrozenWorker, Victim.Connections, Victim.FullDisk, Victim.DrainedWorker, Victim.DrainedWeb,
    ];

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentBag<string> _complaints = [];
    private readonly ConcurrentBag<(string Ending, double Seconds)> _endings = [];
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<(int Process, string Start), bool>> _applies = new();
    private int _lastWords;
    private readonly Dictionary<Victim, int> _hurt = Victims.ToDictionary(victim => victim, _ => 0);

    [Fact(Explicit = true)]
    public async Task Half_an_hour_of_faults_loses_nothing_does_nothing_twice_and_leaves_nothing()
    {
        var minutes = int.TryParse(Environment.GetEnvironmentVariable(Minutes), CultureInfo.InvariantCulture, out var told) ? told : 30;
        await using var cluster = await Cluster.StartAsync();
        var lanes = await Task.WhenAll(Enumerable.Range(0, Workspaces).Select(async _ =>
        {
            var workspace = await TestWorkspace.CreateAsync(cluster.Api, organization: "soak");
            await workspace.UploadAsync(Configuration);
            return workspace;
        }));
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        using var done = new CancellationTokenSource();
        var counting = Task.Run(() => CountAppliesAsync(done.Token));
        var working = lanes.Select(lane => Task.Run(() => WorkAsync(cluster, lane, over.Token))).ToArray();
        await HurtAsync(cluster, over.Token);
        await Task.WhenAll(working);
        foreach (var lane in lanes)
        {
            await LookAtTheEndAsync(cluster, lane);
        }
        await done.CancelAsync();
        await counting;
        Assert.NotEmpty(_applies);
        await WriteAsync(cluster, minutes);
        Assert.True(_complaints.IsEmpty, string.Join('\n', _complaints));
    }

    private async Task WorkAsync(Cluster cluster, TestWorkspace lane, CancellationToken over)
    {
        var round = 1;
        while (!over.IsCancellationRequested)
        {
            var variables = new JsonArray(new JsonObject { ["key"] = "round", ["value"] = round.ToString(CultureInfo.InvariantCulture) });
            // Where the answer is lost there may be a run of which nobody here knows; it is looked at in the end.
            if (await Oracle.TryAsync(() => lane.StartAsync(new JsonObject { ["auto-apply"] = true, ["variables"] = variables })) is not { } run)
            {
                await Task.Delay(Look, CancellationToken.None);
                continue;
            }
            var began = Stopwatch.GetTimestamp();
            var ending = "";
            if (!await Oracle.ComesAsync(async () => IsSettled(ending = await Oracle.TryAsync(run.StatusAsync) ?? ""), Look))
            {
                _complaints.Add($"{run.Id} has not ended");
                return;
            }
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var outcome = ending == "applied" ? "" : await InsistAsync(async () => (await run.ReadAsync()).Attributes["outcome"]?.GetValue<string>() ?? "without a reason");
            // What follows differs from run to run.
            _endings.Add((outcome.Length == 0 ? ending : $"{ending}: {outcome.Split('(', '\n')[0].Trim()}", took));
            foreach (var complaint in await InsistAsync(() => new Oracle(cluster).JudgeAsync(run)))
            {
                _complaints.Add($"{run.Id} ({ending}): {complaint}");
            }
            await CompareAsync(lane, run, ending, round++);
        }
    }

    /// <summary>All that the log says is there must be in the state, as this run has made it or a later one.</summary>
    private async Task CompareAsync(TestWorkspace lane, TestRun run, string ending, int round)
    {
        var log = await InsistAsync(() => run.LogAsync("apply"));
        if (_applies.TryGetValue(run.Id, out var applies) && applies.Count > Oracle.AppliesIn(log))
        {
            _complaints.Add($"{run.Id} ({ending}): terraform applied it {applies.Count} times");
        }
        var rounds = await InsistAsync(() => RoundsAsync(lane));
        string[] said = ending == "applied" ? ["terraform_data.one", "terraform_data.two"] : Oracle.MadeIn(log);
        string[] missing = [.. said.Where(address => rounds.GetValueOrDefault(address) < round)];
        if (ending != "applied" && missing.Length == 1 && missing[0] == said[^1])
        {
            // Its snapshots are a second apart: what a terraform that had to be killed has said in its last one need not be in any.
            Interlocked.Increment(ref _lastWords);
        }
        else if (missing.Length > 0)
        {
            _complaints.Add($"{run.Id} ({ending}): {string.Join(", ", missing)} of round {round} is not in the state");
        }
    }

    private async Task LookAtTheEndAsync(Cluster cluster, TestWorkspace lane)
    {
        // Also those of which nobody here knows.
        var settled = string.Join(", ", TestRun.Settled.Select(status => $"'{status}'"));
        if (!await Oracle.ComesAsync(async () => await cluster.AskAsync<long>($"""SELECT count(*) FROM "Runs" WHERE "WorkspaceId" = @id AND "Status" NOT IN ({settled})""", lane.Id) == 0, Look))
        {
            _complaints.Add($"a run of {lane.Name} has not ended");
        }
        if (!await Oracle.ComesAsync(async () => !await lane.IsLockedAsync(), Look))
        {
            _complaints.Add($"workspace {lane.Name} is locked, and nothing lives");
        }
        // Whoever comes now finishes what is left.
        var last = await lane.StartAsync(new JsonObject
        {
            ["auto-apply"] = true, ["variables"] = new JsonArray(new JsonObject { ["key"] = "round", ["value"] = "1000000" }),
        });
        await last.ReachAsync("applied");
        if (await RoundsAsync(lane) is not { Count: 2 } rounds || rounds.Values.Any(round => round != 1_000_000))
        {
            _complaints.Add($"the last run of {lane.Name} has not finished the work");
        }
    }

    /// <summary>One part at a time, each back before the next.</summary>
    private async Task HurtAsync(Cluster cluster, CancellationToken over)
    {
        // Not of importance which numbers, but that it is the same ones again.
        var chance = new Random(8);
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(chance.Next(5, 20)), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!over.IsCancellationRequested)
            {
                var victim = Victims[chance.Next(Victims.Length)];
                await cluster.HurtAsync(victim, $":{cluster.ProcessOf(chance.Next(cluster.Workers))}:");
                _hurt[victim]++;
            }
        }
    }

    private async Task CountAppliesAsync(CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            foreach (var process in Process.GetProcessesByName("terraform"))
            {
                if (LiveTerraform.Is(process.Id, "apply") && RunOf().Match(LiveTerraform.CommandLine(process.Id)) is { Success: true } run
                    && LiveTerraform.StartOf(process.Id) is { } start)
                {
                    _applies.GetOrAdd(run.Value, _ => new())[(process.Id, start)] = true;
                }
                process.Dispose();
            }
            await Task.Delay(Look, CancellationToken.None);
        }
    }

    private async Task WriteAsync(Cluster cluster, int minutes)
    {
        var seconds = _endings.Select(ending => ending.Seconds).Order().ToArray();
        var size = await cluster.AskAsync<long>("SELECT pg_database_size(current_database()) WHERE @id <> ''", "any");
        var lines = new List<string>
        {
            $"{minutes} minutes, {Workspaces} workspaces, {_hurt.Values.Sum()} faults ({string.Join(", ", _hurt.Select(hurt => $"{hurt.Key} {hurt.Value}"))}): {_endings.Count} runs.",
            $"From created to ended: median {seconds[seconds.Length / 2]:0.0} s, 95th of 100 {seconds[seconds.Length * 95 / 100]:0.0} s, longest {seconds[^1]:0.0} s. The database is {size / (1024 * 1024)} MB.",
            $"{_lastWords} applies had to be killed within a second of what they said last, which is not in the state. {_complaints.Count} complaints.",
            "",
            "| runs | ended |",
            "| --- | --- |",
        };
        lines.AddRange(_endings.GroupBy(ending => ending.Ending).OrderByDescending(group => group.Count()).Select(group => $"| {group.Count()} | {group.Key} |"));
        lines.AddRange(_complaints);
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_FAULTS") is { } file)
        {
            await File.WriteAllLinesAsync(file, lines);
        }
    }

    private static async Task<Dictionary<string, int>> RoundsAsync(TestWorkspace lane) =>
        ((await lane.StateAsync())?["resources"]?.AsArray() ?? [])
            .Where(resource => resource!["instances"]!.AsArray().Any(instance => instance!["status"] is null))
            .ToDictionary(
                resource => $"{resource!["type"]}.{resource["name"]}",
                resource => resource!["instances"]!.AsArray().First(instance => instance!["status"] is null)!["attributes"]!["triggers_replace"]!["value"]!.GetValue<int>());

    private static async Task<T> InsistAsync<T>(Func<Task<T>> ask) where T : class
    {
        T? answer = null;
        await Oracle.ComesAsync(async () => (answer = await Oracle.TryAsync(ask)) is not null, Look);
        return answer ?? throw new TimeoutException("Whoever was asked did not come back.");
    }

    private static bool IsSettled(string status) => TestRun.Settled.Contains(status);

    [GeneratedRegex("run-[A-Za-z0-9]{16}")]
    private static partial Regex RunOf();
}
