using System.Text.Json.Nodes;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The server dies in the middle of a plan, which changes nothing and can be made again.</summary>
public sealed class CrashInPlanTests : MortalServer
{
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
