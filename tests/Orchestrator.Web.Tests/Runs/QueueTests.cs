using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class QueueTests
{
    [Theory, EachDatabase]
    public async Task Runs_of_a_workspace_go_one_at_a_time_first_in_first_out(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var first = await workspace.StartAsync();
        var second = await workspace.StartAsync();
        var third = await workspace.StartAsync();

        await first.ReachAsync("planned");
        Assert.Equal(["pending", "pending"], [await second.StatusAsync(), await third.StatusAsync()]);

        (await first.ActAsync("discard")).Expect(202);
        await second.ReachAsync("planned");
        Assert.Equal("pending", await third.StatusAsync());

        (await second.ActAsync("apply")).Expect(202);
        await second.ReachAsync("applied");
        // The second has made everything.
        await third.ReachAsync("planned_and_finished");
    }

    [Theory, EachDatabase]
    public async Task A_pending_run_can_be_cancelled_and_the_next_takes_its_place(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var first = await workspace.StartAsync();
        var second = await workspace.StartAsync();

        (await first.ActAsync("cancel")).Expect(202);
        Assert.Equal("canceled", await first.StatusAsync());
        Assert.Equal("pending", await second.StatusAsync());

        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
        await second.ReachAsync("planned");
    }

    [Theory, EachDatabase]
    public async Task Many_runs_over_many_workspaces_all_end_applied(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var organization = TestWorkspace.NewName("many");
        var workspaces = new List<TestWorkspace>();
        for (var index = 0; index < 4; index++)
        {
            var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: organization);
            await workspace.UploadAsync("""resource "terraform_data" "one" { input = timestamp() }""");
            workspaces.Add(workspace);
        }

        var runs = await Task.WhenAll(workspaces.Concat(workspaces).Select(workspace =>
            workspace.StartAsync(new JsonObject { ["auto-apply"] = true })));

        foreach (var run in runs)
        {
            await run.ReachAsync("applied");
        }
        foreach (var workspace in workspaces)
        {
            Assert.Single(await workspace.ResourcesAsync());
            Assert.False(await workspace.IsLockedAsync());
        }
    }
}
