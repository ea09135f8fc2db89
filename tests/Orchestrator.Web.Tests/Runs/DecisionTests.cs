using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class DecisionTests
{
    [Fact]
    public async Task Of_two_confirms_at_once_one_wins()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => run.ActAsync("apply")));

        Assert.Single(answers, answer => answer.Status == 202);
        Assert.All(answers.Where(answer => answer.Status != 202), answer => answer.ExpectError(409));
        await run.ReachAsync("applied");
        Assert.Equal(10, (await workspace.ResourcesAsync()).Count);
    }

    [Fact]
    public async Task A_discarded_run_changes_nothing_and_releases_the_lock()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        (await run.ActAsync("discard", "Not today")).Expect(202);

        Assert.Equal("discarded", await run.StatusAsync());
        Assert.Null(await workspace.StateAsync());
        Assert.False(await workspace.IsLockedAsync());
        (await run.ActAsync("apply")).ExpectError(409);
        (await run.ActAsync("discard")).ExpectError(409);
        (await run.ActAsync("cancel")).ExpectError(409);
    }

    [Fact]
    public async Task A_run_is_not_force_canceled_before_it_was_canceled()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        (await run.ActAsync("force-cancel")).ExpectError(409);
        Assert.Equal("planned", await run.StatusAsync());
    }

    [Fact]
    public async Task A_run_is_offered_for_a_force_cancel_only_some_time_after_its_cancel_and_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync(new JsonObject { ["plan-only"] = true });
        await run.ReachAsync("planned_and_finished");
        var now = DateTimeOffset.UtcNow;

        Assert.Equal((false, true), await OffersAsync(canceledAt: now));
        Assert.Equal((true, true), await OffersAsync(canceledAt: now.AddSeconds(-31)));
        Assert.Equal((false, false), await OffersAsync(canceledAt: now.AddSeconds(-31), killedAt: now));

        // As if a worker of this process still had it, which nobody can stop.
        async Task<(bool Now, bool Later)> OffersAsync(DateTimeOffset canceledAt, DateTimeOffset? killedAt = null)
        {
            await using var db = platform.Open();
            Task MoveAsync(RunStatus status) => db.Runs.Where(row => row.Id == new RunId(run.Id)).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Status, status)
                .SetProperty(row => row.ClaimedBy, platform.Get<WorkerIdentity>().Name)
                .SetProperty(row => row.HeartbeatAt, now.AddHours(1))
                .SetProperty(row => row.CancelRequestedAt, canceledAt)
                .SetProperty(row => row.ForceCancelRequestedAt, killedAt));
            await MoveAsync(RunStatus.Planning);
            var attributes = (await run.ReadAsync()).Attributes;
            await MoveAsync(RunStatus.PlannedAndFinished);
            return (attributes["actions"]!["is-force-cancelable"]!.GetValue<bool>(), attributes["force-cancel-available-at"] is not null);
        }
    }

    [Fact]
    public async Task Cancelling_an_apply_keeps_what_it_has_made()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("long-running");
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.WaitForLogAsync("apply", "step 1 of 60");

        (await run.ActAsync("cancel")).Expect(202);
        var canceled = await run.ReachAsync("canceled");

        Assert.Contains("saved its state", canceled.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            ["terraform_data.quick[0]", "terraform_data.quick[1]", "terraform_data.quick[2]"],
            (await workspace.ResourcesAsync()).Where(address => !address.EndsWith('!')));
        Assert.False(await workspace.IsLockedAsync());
        Assert.Empty(Orchestrator.Terraform.ProcessTree.Find(run.Id));
    }

    [Fact]
    public async Task A_plan_only_run_neither_locks_nor_applies()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["auto-apply"] = true });
        await workspace.UploadSampleAsync("hello");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock", new JsonObject { ["reason"] = "mine" })).Expect(200);

        var run = await workspace.StartAsync(new JsonObject { ["plan-only"] = true });
        var finished = await run.ReachAsync("planned_and_finished");

        Assert.True(finished.Attributes["has-changes"]!.GetValue<bool>());
        Assert.Null(await workspace.StateAsync());
        Assert.Equal("mine", (await workspace.ReadAsync()).Attributes["locked-reason"]!.GetValue<string>());
        (await run.ActAsync("apply")).ExpectError(409);
        Assert.Empty(await workspace.RunsAsync());
    }

    [Fact]
    public async Task A_saved_plan_waits_beside_the_queue_until_it_is_confirmed()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var first = await workspace.StartAsync(new JsonObject { ["save-plan"] = true });
        var second = await workspace.StartAsync(new JsonObject { ["save-plan"] = true });
        await first.ReachAsync("planned_and_saved");
        await second.ReachAsync("planned_and_saved");
        Assert.False(await workspace.IsLockedAsync());

        (await second.ActAsync("apply")).Expect(202);
        await second.ReachAsync("applied");

        Assert.Equal(10, (await workspace.ResourcesAsync()).Count);
        // The state is not the one any more that it was planned for; that is noticed a moment after the other was applied.
        await Wait.ForAsync("the end of the other plan", async () =>
            (await first.ReadAsync()).Attributes["status"]!.GetValue<string>() == "discarded" ? first : null);
    }
}
