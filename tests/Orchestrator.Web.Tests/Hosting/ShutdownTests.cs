using System.Text.Json.Nodes;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The server is told to end, and ends its work first.</summary>
public sealed class ShutdownTests : MortalServer
{
    [Fact]
    public async Task Told_to_end_the_server_goes_on_with_its_applies_until_somebody_is_in_a_hurry_and_then_lets_terraform_save_first()
    {
        await using var first = await ServerProcess.StartAsync(Data);
        using var api = new ApiClient(first.Address!, Platform.AdminToken);
        var workspace = await TestWorkspace.CreateAsync(api);
        await workspace.UploadSampleAsync("long-running");
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.WaitForLogAsync("apply", "step 1 of 60");

        await first.SignalAsync("TERM");
        await run.WaitForLogAsync("apply", "step 3 of 60");
        await first.SignalAsync("INT");
        Assert.Equal(0, await first.WaitForExitAsync());
        Assert.Empty(ProcessTree.Find(run.Id));
        // It was all recorded before the server went.
        await AssertWipedAsync(run, RunPhase.Apply);
        await using var second = await ServerProcess.StartAsync(Data, first.Address);
        var errored = await run.ReachAsync("errored");

        Assert.Contains("was shut down in the middle of the apply", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("terraform_data.quick[2]", await workspace.ResourcesAsync());
        Assert.False(await workspace.IsLockedAsync());
    }
}
