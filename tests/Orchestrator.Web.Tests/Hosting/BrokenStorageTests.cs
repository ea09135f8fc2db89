using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>For a while nothing can be stored; the server lives on, and so does what it had stored before.</summary>
public sealed class BrokenStorageTests : MortalServer
{
    private string Database => Path.Combine(Data, "orchestrator.db");

    [Fact]
    public async Task A_run_whose_log_fills_the_disk_ends_errored_and_loses_nothing_that_was_stored()
    {
        // Nothing waits on the disk, which is full.
        await using var server = await ServerProcess.StartAsync(Data, environment: ("Orchestrator__Logs__MaxSpoolBytes", "0"));
        using var api = new ApiClient(server.Address!, Platform.AdminToken);
        var (workspace, run) = await BeginAsync(api, "yes 'a line that takes some of the room that is left' | head -c 20000000");

        await server.LimitFilesAsync(new[] { Database, $"{Database}-wal" }.Max(file => new FileInfo(file).Length) + (512 * 1024));
        OpenGate(run);
        await Wait.UntilAsync("the disk to be full", () => server.Said.Contains("SqliteException", StringComparison.Ordinal));
        (await api.GetAsync("/healthz")).Expect(200);
        await server.LimitFilesAsync(null);

        await AssertEndedAsync(workspace, run);
    }

    [Fact]
    public async Task A_run_that_meets_a_locked_database_is_told_to_wait_and_its_log_comes_after()
    {
        await using var server = await ServerProcess.StartAsync(
            Data, environment: ("Orchestrator__Database__ConnectionString", $"Data Source={Database};Default Timeout=1"));
        using var api = new ApiClient(server.Address!, Platform.AdminToken);
        var (workspace, run) = await BeginAsync(api, "printenv TF_TOKEN_orchestrator_internal > token; echo 'said into the void'; while [ ! -e end ]; do sleep 0.05; done; exit 0");

        await using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = other.CreateCommand();
            command.CommandText = "BEGIN EXCLUSIVE";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            OpenGate(run);
            await Wait.UntilAsync("the log to wait on the disk", () => Directory.GetFiles(Path.Combine(Data, "spool")) is [var file] && new FileInfo(file).Length > 0);
            (await api.GetAsync("/healthz")).Expect(200);
            // Terraform's client waits where it is told how long, also while it sets up its backend.
            using var terraform = new ApiClient(server.Address!, (await File.ReadAllTextAsync(InRun(run, "token"), TestContext.Current.CancellationToken)).Trim());
            var state = ApiClient.Document("state-versions", new JsonObject { ["serial"] = 1, ["lineage"] = "line", ["md5"] = new string('0', 32) });
            Assert.Equal(["8"], (await terraform.PostAsync($"workspaces/{workspace.Id}/state-versions", state)).ExpectError(429).Headers.GetValues("X-RateLimit-Reset"));
            Assert.Contains("cannot be reached for the moment", (await api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).ExpectError(503).Json["errors"]![0]!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
        OpenGate(run, "end");
        await run.ReachAsync("applied");

        Assert.Contains("said into the void", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(Data, "spool")));
        await AssertWipedAsync(run, RunPhase.Apply);
    }

    /// <summary>An apply that has made one resource, and says more when its gate is open.</summary>
    private static async Task<(TestWorkspace Workspace, TestRun Run)> BeginAsync(ApiClient api, string command)
    {
        var workspace = await TestWorkspace.CreateAsync(api);
        await workspace.UploadAsync($$"""
            resource "terraform_data" "first" {}
            resource "terraform_data" "second" {
              depends_on = [terraform_data.first]
              provisioner "local-exec" { command = "echo 'before the gate'; while [ ! -e gate ]; do sleep 0.05; done; {{command}}; sleep 60" }
            }
            """);
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.WaitForLogAsync("apply", "before the gate");
        return (workspace, run);
    }

    private void OpenGate(TestRun run, string gate = "gate") => File.WriteAllText(InRun(run, gate), "");

    private string InRun(TestRun run, string file) => Path.Combine(Data, "runs", run.Id, "configuration", file);

    private async Task AssertEndedAsync(TestWorkspace workspace, TestRun run)
    {
        var errored = await run.ReachAsync("errored");
        Assert.Contains("The log could not be stored (is the disk full, or the database away?), so terraform was interrupted",
            errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("before the gate", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Contains("terraform_data.first", await workspace.ResourcesAsync());
        Assert.False(await workspace.IsLockedAsync());
        await AssertWipedAsync(run, RunPhase.Apply);

        await workspace.UploadAsync("""resource "terraform_data" "first" {}""");
        await workspace.ApplyAsync();
        Assert.Equal(["terraform_data.first"], await workspace.ResourcesAsync());
    }
}
