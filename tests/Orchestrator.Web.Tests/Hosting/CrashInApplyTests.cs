using System.Text.Json.Nodes;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The server dies in the middle of an apply, and the next one makes everything true again.</summary>
public sealed class CrashInApplyTests : MortalServer
{
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
}
