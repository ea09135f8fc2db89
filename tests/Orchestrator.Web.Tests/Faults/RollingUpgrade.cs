using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Faults;

/// <summary>Real processes on a real PostgreSQL, each replaced again and again while runs go on. Too long for every day: <c>eng/faults.sh</c> runs it.
/// <see cref="Hosting.RolesTests"/> does each once.</summary>
public sealed class RollingUpgrade
{
    private const int Workspaces = 4;

    /// <summary>As many as there are; more by <c>ORCHESTRATOR_UPGRADES</c>.</summary>
    private const int Rounds = 3;

    /// <summary>There is something to apply each time, and it takes a while.</summary>
    private const string Configuration = """
        resource "terraform_data" "one" {
          input            = "kept"
          triggers_replace = timestamp()
          provisioner "local-exec" { command = "sleep 1" }
        }
        resource "terraform_data" "two" {
          depends_on       = [terraform_data.one]
          triggers_replace = timestamp()
        }
        """;

    private static readonly TimeSpan WebIsAway = TimeSpan.FromSeconds(3);

    [Fact(Explicit = true)]
    public async Task Each_process_is_replaced_while_runs_go_on_and_every_run_is_applied()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_UPGRADES"), CultureInfo.InvariantCulture, out var more) ? more : Rounds;
        await using var cluster = await Cluster.StartAsync();
        using var over = new CancellationTokenSource();
        var workspaces = await Task.WhenAll(Enumerable.Range(0, Workspaces).Select(async _ =>
        {
            var workspace = await TestWorkspace.CreateAsync(cluster.Api, organization: "upgrades");
            await workspace.UploadAsync(Configuration);
            return workspace;
        }));
        var ended = new ConcurrentBag<string>();
        var streams = workspaces.Select(workspace => Task.Run(() => GoOnAsync(workspace, ended, over.Token))).ToArray();

        for (var round = 0; round < rounds; round++)
        {
            for (var worker = 0; worker < cluster.Workers; worker++)
            {
                await ApplyingAsync(cluster, worker);
                Assert.Equal(0, await cluster.ReplaceWorkerAsync(worker));
            }
            Assert.Equal(0, await cluster.ReplaceWebAsync(WebIsAway));
        }
        await ApplyingAsync(cluster, worker: 0);
        await over.CancelAsync();
        await Task.WhenAll(streams);

        var outcomes = new List<string>();
        foreach (var workspace in workspaces)
        {
            // Also one that was made by a request without an answer.
            foreach (var run in await workspace.RunsAsync())
            {
                var end = (await run.SettleAsync()).Attributes;
                outcomes.Add($"{end["status"]} {end["outcome"]}");
            }
            Assert.False(await workspace.IsLockedAsync());
            Assert.Equal(2, (await workspace.ResourcesAsync()).Count);
        }
        Assert.All(outcomes, outcome => Assert.Equal("applied ", outcome));
        Assert.True(ended.Count >= Workspaces * rounds, $"Only {ended.Count} runs have ended.");
        Assert.All(cluster.RunDirectories, directory => Assert.Empty(Directory.EnumerateFileSystemEntries(directory)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{outcomes.Count} runs, {rounds} upgrades.");
    }

    /// <summary>One run after the other, until there is to be no more.</summary>
    private static async Task GoOnAsync(TestWorkspace workspace, ConcurrentBag<string> ended, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var run = await InsistAsync(() => workspace.StartAsync(new JsonObject { ["auto-apply"] = true }));
            await InsistAsync(run.SettleAsync);
            ended.Add(run.Id);
        }
    }

    /// <summary>The web server may just be away.</summary>
    private static async Task<T> InsistAsync<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    /// <summary>Until the worker carries out an apply.</summary>
    private static Task<string> ApplyingAsync(Cluster cluster, int worker) => Wait.ForAsync($"worker {worker} to apply something", () => cluster.AskAsync<string>(
        """SELECT "Id" FROM "Runs" WHERE "Status" = 'applying' AND "ClaimedBy" LIKE @id LIMIT 1""", $"%:{cluster.ProcessOf(worker)}:%"));
}
