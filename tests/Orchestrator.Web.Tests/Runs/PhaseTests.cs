using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

/// <summary>What plans and applies tell of themselves.</summary>
public sealed class PhaseTests
{
    [Theory, EachDatabase]
    public async Task An_apply_names_the_states_that_it_has_written_and_they_their_author(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""resource "terraform_data" "one" { input = "made" }""");
        var user = await platform.AccountAsync(account => account.IsSiteAdmin = true);
        using var caller = await platform.CallerAsync(user);
        var run = await workspace.Through(caller).ApplyAsync();
        var current = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version?include=created_by")).Expect(200);

        var written = (await run.ApplyAsync()).Data["relationships"]!["state-versions"]!["data"]!.AsArray();

        Assert.Equal(current.Id, written[^1]!["id"]!.GetValue<string>());
        Assert.Equal(run.Id, current.RelatedId("run"));
        Assert.Equal(user.Id.Value, current.RelatedId("created-by"));
        Assert.Equal(user.Username, current.Json["included"]![0]!["attributes"]!["username"]!.GetValue<string>());
        // A state that somebody sends and says to be of the run is not the apply's.
        await workspace.LockAsync();
        var raw = RawState.Of(99, current.Attributes["lineage"]!.GetValue<string>());
        var sent = (await workspace.AnnounceAsync(
            platform.Api, raw, 99, new JsonObject { ["state"] = Convert.ToBase64String(raw), ["lineage"] = current.Attributes["lineage"]!.DeepClone() },
            ("run", "runs", run.Id))).Expect(201);
        Assert.DoesNotContain(sent.Id, (await run.ApplyAsync()).Text, StringComparison.Ordinal);
        Assert.Empty((await run.PlanAsync()).Data["relationships"]!["state-versions"]!["data"]!.AsArray());
    }

    [Theory, EachDatabase]
    public async Task A_plan_is_also_found_by_its_run(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""resource "terraform_data" "one" { input = "made" }""");
        var saved = await workspace.StartAsync(new JsonObject { ["save-plan"] = true });
        await saved.ReachAsync("planned_and_saved");

        var plan = (await platform.Api.GetAsync($"runs/{saved.Id}/plan")).Expect(200);

        Assert.Equal(saved.PlanId, plan.Id);
        Assert.Equal("remote", plan.Attributes["execution-details"]!["mode"]!.GetValue<string>());
        Assert.False(plan.Attributes["actions"]!["is-exportable"]!.GetValue<bool>());
        foreach (var content in new[] { "json-output", "json-output-redacted", "json-schema" })
        {
            Assert.Equal(
                (await platform.Api.GetAsync($"plans/{saved.PlanId}/{content}")).Expect(200).Bytes,
                (await platform.Api.GetAsync($"runs/{saved.Id}/plan/{content}")).Expect(200).Bytes);
        }
        Assert.NotNull((await platform.Api.GetAsync($"plans/{saved.PlanId}/json-schema")).Json["provider_schemas"]);
    }

    [Fact]
    public async Task Schemas_are_kept_for_those_plans_alone_that_are_drawn_again()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""resource "terraform_data" "one" { input = "made" }""");
        var run = await workspace.StartAsync(new JsonObject { ["plan-only"] = true });
        await run.ReachAsync("planned_and_finished");

        (await platform.Api.GetAsync($"plans/{run.PlanId}/json-schema")).Expect(204);
        (await platform.Api.GetAsync($"runs/{run.Id}/plan/json-schema")).Expect(204);
        (await platform.Api.GetAsync($"runs/{run.Id}/plan/json-output")).Expect(200);
    }

    [Fact]
    public async Task A_run_that_was_canceled_says_from_when_force_could_have_been_used()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        await (await workspace.StartAsync()).ReachAsync("planned");
        var behind = await workspace.StartAsync();

        (await behind.ActAsync("cancel")).Expect(202);

        var canceled = (await behind.ReachAsync("canceled")).Attributes;
        Assert.True(canceled["force-cancel-available-at"]!.GetValue<DateTimeOffset>() > canceled["canceled-at"]!.GetValue<DateTimeOffset>());
        Assert.False(canceled["actions"]!["is-force-cancelable"]!.GetValue<bool>());
    }
}
