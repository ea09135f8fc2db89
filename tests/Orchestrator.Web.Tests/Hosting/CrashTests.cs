using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The server dies, and what it has left behind is made true again by the next one.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-crash-test-").FullName;

    private string Data => Path.Combine(_outside, "data");

    [Fact]
    public async Task Killed_in_the_middle_of_an_apply_the_server_comes_back_with_a_true_run_and_a_whole_state()
    {
        await using var first = await ServerProcess.StartAsync(Data);
        using var api = new ApiClient(first.Address!, Platform.AdminToken);
        var workspace = await TestWorkspace.CreateAsync(api);
        await workspace.UploadSampleAsync("long-running");
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.WaitForLogAsync("apply", "step 1 of 60");

        await first.KillAsync();
        await using var second = await ServerProcess.StartAsync(Data, first.Address);
        var errored = await run.ReachAsync("errored");

        Assert.Contains("The worker died while it applied this run", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            ["terraform_data.quick[0]", "terraform_data.quick[1]", "terraform_data.quick[2]"],
            (await workspace.ResourcesAsync()).Where(address => !address.EndsWith('!')));
        Assert.False(await workspace.IsLockedAsync());
        var log = await run.LogAsync("apply");
        Assert.Contains("step 1 of 60", log, StringComparison.Ordinal);
        Assert.Contains("The worker died", log, StringComparison.Ordinal);
        await AssertWipedAsync(run, RunPhase.Apply);

        // The next run finishes the work.
        await workspace.SetAsync("seconds", "1", hcl: true);
        await workspace.ApplyAsync();
        Assert.Equal(4, (await workspace.ResourcesAsync()).Count);
        Assert.DoesNotContain("fail:", second.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_in_the_middle_of_a_plan_the_server_plans_again()
    {
        await using var first = await ServerProcess.StartAsync(Data);
        using var api = new ApiClient(first.Address!, Platform.AdminToken);
        var workspace = await TestWorkspace.CreateAsync(api);
        // Terraform waits for the first answer of something that never answers; the second time there is an answer.
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        await workspace.UploadAsync("""
            data "terraform_remote_state" "slow" {
              backend = "http"
              config  = { address = "http://127.0.0.1:PORT/state" }
            }
            resource "terraform_data" "one" { input = data.terraform_remote_state.slow.outputs.answer }
            """.Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        using var limit = new CancellationTokenSource(Wait.Limit);
        using (var asked = await silent.AcceptTcpClientAsync(limit.Token))
        {
            Assert.Equal("planning", await run.StatusAsync());
            await first.KillAsync();
        }
        var answering = AnswerAsync(silent, limit.Token);

        await using var second = await ServerProcess.StartAsync(Data, first.Address);
        await run.ReachAsync("applied");

        await limit.CancelAsync();
        await answering;
        Assert.Equal(["terraform_data.one"], await workspace.ResourcesAsync());
        var events = (await api.GetAsync($"runs/{run.Id}/run-events")).Expect(200).Json["data"]!.AsArray()
            .Select(happening => happening!["attributes"]!["action"]!.GetValue<string>()).ToArray();
        Assert.Equal(2, events.Count(action => action == "planning"));
        Assert.Equal(1, events.Count(action => action == "applying"));
        await AssertWipedAsync(run, RunPhase.Plan);
        await AssertWipedAsync(run, RunPhase.Apply);
    }

    [Fact]
    public async Task Told_to_stop_in_the_middle_of_an_apply_the_server_lets_terraform_save_first()
    {
        await using var first = await ServerProcess.StartAsync(Data);
        using var api = new ApiClient(first.Address!, Platform.AdminToken);
        var workspace = await TestWorkspace.CreateAsync(api);
        await workspace.UploadSampleAsync("long-running");
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.WaitForLogAsync("apply", "step 1 of 60");

        Assert.Equal(0, await first.TerminateAsync());
        Assert.Empty(ProcessTree.Find(run.Id));
        // It was all recorded before the server went.
        await AssertWipedAsync(run, RunPhase.Apply);
        await using var second = await ServerProcess.StartAsync(Data, first.Address);
        var errored = await run.ReachAsync("errored");

        Assert.Contains("was shut down in the middle of the apply", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("terraform_data.quick[2]", await workspace.ResourcesAsync());
        Assert.False(await workspace.IsLockedAsync());
    }

    [Fact]
    public async Task The_servers_own_environment_does_not_reach_a_run()
    {
        await using var server = await ServerProcess.StartAsync(Data);
        using var api = new ApiClient(server.Address!, Platform.AdminToken);
        var workspace = await TestWorkspace.CreateAsync(api);
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              provisioner "local-exec" { command = "cat /proc/*/environ | tr '\\0' '\\n'; echo looked-$((40 + 2))-times" }
            }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Contains("looked-42-times", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.DoesNotContain("Orchestrator__", await run.LogAsync("apply"), StringComparison.Ordinal);
    }

    public void Dispose() => DirectoryRemoval.Remove(_outside);

    /// <summary>The receipt is in the database, and it is right.</summary>
    private async Task AssertWipedAsync(TestRun run, RunPhase phase)
    {
        Assert.Empty(ProcessTree.Find(run.Id));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Data, "runs")));
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UseSqlite(options, $"Data Source={Path.Combine(Data, "orchestrator.db")};Pooling=False");
        await using var db = new OrchestratorDbContext(options.Options);
        PhaseRecord record = phase == RunPhase.Plan
            ? await db.Plans.FirstAsync(plan => plan.RunId == new RunId(run.Id))
            : await db.Applies.FirstAsync(apply => apply.RunId == new RunId(run.Id));
        var receipt = WipeReceipt.Parse(record.WipeReceiptJson);
        Assert.NotNull(receipt);
        Assert.True(receipt.IsClean, record.WipeReceiptJson);
        Assert.False(await db.RunTokens.AnyAsync(token => token.RunId == new RunId(run.Id) && token.RevokedAt == null));
    }

    private static async Task AnswerAsync(System.Net.Sockets.TcpListener listener, CancellationToken cancellationToken)
    {
        const string State = """{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{"answer":{"value":"at last","type":"string"}},"resources":[]}""";
        try
        {
            while (true)
            {
                using var caller = await listener.AcceptTcpClientAsync(cancellationToken);
                var stream = caller.GetStream();
                _ = await stream.ReadAsync(new byte[4096], cancellationToken);
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {State.Length}\r\nConnection: close\r\n\r\n{State}"), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was answered.
        }
    }
}
