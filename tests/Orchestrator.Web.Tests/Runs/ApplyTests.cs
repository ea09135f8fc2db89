using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class ApplyTests
{
    [Theory, EachDatabase]
    public async Task A_run_of_the_hello_sample_is_planned_confirmed_and_applied(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync(new JsonObject { ["message"] = "Say hello" });
        var planned = await run.ReachAsync("planned");

        Assert.True(planned.Attributes["has-changes"]!.GetValue<bool>());
        Assert.True(planned.Attributes["actions"]!["is-confirmable"]!.GetValue<bool>());
        Assert.Equal((10, 0, 0), await run.CountsAsync());
        Assert.Null(await workspace.StateAsync());
        Assert.Equal(run.Id, (await workspace.ReadAsync()).RelatedId("locked-by"));

        (await run.ActAsync("apply", "Go ahead")).Expect(202);
        var applied = await run.ReachAsync("applied");

        Assert.False(applied.Attributes["actions"]!["is-confirmable"]!.GetValue<bool>());
        Assert.Equal((10, 0, 0), await run.CountsAsync("apply"));
        Assert.Equal(10, (await workspace.ResourcesAsync()).Count);
        Assert.Contains("Hello, world! (10 of 10)", await workspace.OutputAsync("greetings"), StringComparison.Ordinal);
        Assert.Equal(10, (await workspace.ReadAsync()).Attributes["resource-count"]!.GetValue<int>());
        Assert.False(await workspace.IsLockedAsync());
        Assert.Contains("Apply complete! Resources: 10 added", await run.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Events_tell_a_runs_story_in_order(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.ApplyAsync();

        var events = (await platform.Api.GetAsync($"runs/{run.Id}/run-events")).Expect(200).Json["data"]!.AsArray();
        Assert.Equal(
            ["pending", "plan_queued", "planning", "planned", "confirmed", "apply_queued", "applying", "applied"],
            events.Select(happening => happening!["attributes"]!["action"]!.GetValue<string>()));
        var named = (await platform.Api.GetAsync($"runs/{run.Id}?include=run_events")).Expect(200).Data["relationships"]!["run-events"]!["data"]!.AsArray();
        Assert.Equal(events.Select(happening => happening!["id"]!.GetValue<string>()), named.Select(happening => happening!["id"]!.GetValue<string>()));
    }

    [Theory, EachDatabase]
    public async Task A_plan_without_changes_is_finished_at_once(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        await workspace.ApplyAsync();

        var again = await workspace.StartAsync();
        var finished = await again.ReachAsync("planned_and_finished");

        Assert.False(finished.Attributes["has-changes"]!.GetValue<bool>());
        Assert.Equal((0, 0, 0), await again.CountsAsync());
        Assert.False(await workspace.IsLockedAsync());
        Assert.Contains("No changes.", await again.LogAsync("plan"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_may_be_empty_applies_without_changes(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        await workspace.ApplyAsync();

        var empty = await workspace.StartAsync(new JsonObject { ["allow-empty-apply"] = true });
        await empty.ReachAsync("applied");

        Assert.Contains("Resources: 0 added, 0 changed, 0 destroyed", await empty.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_destroy_run_leaves_nothing(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        await workspace.ApplyAsync();

        var destroy = await workspace.ApplyAsync(new JsonObject { ["is-destroy"] = true });

        Assert.Equal((0, 0, 10), await destroy.CountsAsync());
        Assert.Empty(await workspace.ResourcesAsync());
        Assert.Equal(0, (await workspace.ReadAsync()).Attributes["resource-count"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_destroy_run_is_refused_where_destroying_is_not_allowed()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["allow-destroy-plan"] = false });
        await workspace.UploadSampleAsync("hello");

        var refused = await platform.Api.PostAsync("runs", ApiClient.Document(
            "runs", new JsonObject { ["is-destroy"] = true }, ("workspace", "workspaces", workspace.Id)));

        Assert.Equal("/data/attributes/is-destroy", refused.ExpectError(422).Pointer);
    }

    [Fact]
    public async Task A_refresh_only_run_changes_no_resource()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        await workspace.ApplyAsync();
        // A plan would change all ten.
        await workspace.SetAsync("who", "refresh");

        var run = await workspace.StartAsync(new JsonObject { ["refresh-only"] = true });
        await run.ReachAsync("planned_and_finished");

        Assert.Equal((0, 0, 0), await run.CountsAsync());
    }

    [Fact]
    public async Task A_targeted_run_touches_its_targets_alone()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");

        await workspace.ApplyAsync(new JsonObject { ["target-addrs"] = new JsonArray("terraform_data.greeting[3]", "terraform_data.greeting[5]") });

        Assert.Equal(["terraform_data.greeting[3]", "terraform_data.greeting[5]"], await workspace.ResourcesAsync());
    }

    [Fact]
    public async Task A_replaced_resource_is_destroyed_and_made_again()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        await workspace.ApplyAsync();

        var run = await workspace.ApplyAsync(new JsonObject { ["replace-addrs"] = new JsonArray("terraform_data.greeting[0]") });

        Assert.Equal((1, 0, 1), await run.CountsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_failing_apply_is_errored_and_keeps_what_was_made(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("failing");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        var errored = await run.ReachAsync("errored");

        Assert.Contains("could not apply", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("this is what a failing step looks like", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Equal(["terraform_data.broken!", "terraform_data.fine"], (await workspace.ResourcesAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("errored", (await run.ApplyAsync()).Attributes["status"]!.GetValue<string>());
        Assert.False(await workspace.IsLockedAsync());
    }

    [Theory, EachDatabase]
    public async Task A_plan_is_stored_as_json(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        var plan = (await run.PlanJsonAsync()).Json;

        Assert.Equal(10, plan["resource_changes"]!.AsArray().Count);
        Assert.All(plan["resource_changes"]!.AsArray(), change => Assert.Equal("create", change!["change"]!["actions"]![0]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_plan_that_is_not_there_yet_has_no_json()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var waiting = await workspace.StartAsync();

        (await platform.Api.GetAsync($"plans/{waiting.PlanId}/json-output")).Expect(204);
    }
}
