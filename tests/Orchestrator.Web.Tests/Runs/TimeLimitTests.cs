using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class TimeLimitTests
{
    [Fact]
    public async Task A_time_limit_interrupts_the_apply_and_keeps_its_state()
    {
        await using var platform = await Platform.StartAsync(DatabaseProvider.Sqlite, ("Orchestrator:Runs:ApplyTimeout", "00:00:04"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("long-running");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        var errored = await run.ReachAsync("errored");

        Assert.Contains("The apply took longer than it may", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("terraform_data.quick[2]", await workspace.ResourcesAsync());
        Assert.Contains("took longer than it may", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.False(await workspace.IsLockedAsync());
        platform.ExpectNoLoggedErrors();
    }
}
