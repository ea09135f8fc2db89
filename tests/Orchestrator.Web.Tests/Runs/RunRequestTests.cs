using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class RunRequestTests
{
    [Theory, EachDatabase]
    public async Task A_runs_own_variables_are_told_again_but_not_what_the_workspace_keeps_secret(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("password", "the workspace's own", sensitive: true);
        await workspace.UploadAsync("""
            variable "who" {}
            variable "password" {}
            output "greeting" { value = "Hello ${var.who}, it is ${var.password}" }
            """);

        var run = await workspace.StartAsync(new JsonObject
        {
            ["variables"] = new JsonArray(Variable("who", "\"bob\""), Variable("password", "\"a-runs-own-passphrase\"")),
        });
        await run.ReachAsync("planned");

        var answer = await run.ReadAsync();
        Assert.Equal("""[{"key":"who","value":"\"bob\""},{"key":"password","value":null}]""", Plain(answer.Attributes["variables"]!));
        Assert.DoesNotContain("a-runs-own-passphrase", answer.Text, StringComparison.Ordinal);
        Assert.Contains("Hello bob, it is ***", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_run_says_through_which_door_it_came_and_the_cli_decides_alone_about_its_apply(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["auto-apply"] = true });
        await workspace.UploadSampleAsync("hello");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);

        Assert.Equal(("tfe-api", true), await StartAsync());
        Assert.Equal(("terraform", true), await StartAsync(("Terraform-Version", "1.11.4")));
        Assert.Equal(("terraform+cloud", false), await StartAsync(("Terraform-Version", "1.11.4"), ("X-Terraform-Integration", "cloud")));

        async Task<(string Source, bool AutoApply)> StartAsync(params (string Name, string Value)[] headers)
        {
            using var body = new StringContent(ApiClient.Document("runs", [], ("workspace", "workspaces", workspace.Id)).ToJsonString());
            var attributes = (await platform.Api.SendAsync(HttpMethod.Post, "runs", body, request =>
            {
                foreach (var (name, value) in headers)
                {
                    request.Add(name, value);
                }
            })).Expect(201).Attributes;
            return (attributes["source"]!.GetValue<string>(), attributes["auto-apply"]!.GetValue<bool>());
        }
    }

    [Theory]
    [InlineData("""{"debugging-mode": true}""", "/data/attributes/debugging-mode")]
    [InlineData("""{"terraform-version": "1.12.0"}""", "/data/attributes/terraform-version")]
    [InlineData("""{"plan-only": true, "save-plan": true}""", "/data/attributes/save-plan")]
    [InlineData("""{"is-destroy": true, "refresh-only": true}""", "/data/attributes/refresh-only")]
    [InlineData("""{"variables": [{"key": "1st", "value": "1"}]}""", "/data/attributes/variables")]
    [InlineData("""{"variables": [null]}""", "/data/attributes/variables")]
    [InlineData("""{"target-addrs": ["a.b\n-destroy"]}""", "/data/attributes/target-addrs")]
    [InlineData("""{"target-addrs": [null]}""", "/data/attributes/target-addrs")]
    [InlineData("""{"auto-apply": "yes"}""", "/data/attributes/auto-apply")]
    public async Task A_run_that_cannot_be_is_refused_with_a_pointer_to_what_is_wrong(string attributes, string pointer)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");

        var answer = await platform.Api.PostAsync("runs", ApiClient.Document(
            "runs", JsonNode.Parse(attributes)!.AsObject(), ("workspace", "workspaces", workspace.Id)));

        Assert.Equal(pointer, answer.ExpectError(422).Pointer);
        Assert.Empty(await workspace.RunsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_comment_can_be_left_at_any_time_and_is_part_of_the_runs_history(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync(new JsonObject { ["plan-only"] = true });
        await run.ReachAsync("planned_and_finished");

        var created = (await CommentAsync("  Nice.\r\nReally. ")).Expect(201);

        Assert.Equal("Nice.\r\nReally.", created.Attributes["body"]!.GetValue<string>());
        Assert.Equal(created.Id, (await platform.Api.GetAsync($"comments/{created.Id}")).Expect(200).Id);
        var happening = (await platform.Api.GetAsync($"run-events/{created.RelatedId("run-event")}")).Expect(200);
        Assert.Equal(("commented", created.Id), (happening.Attributes["action"]!.GetValue<string>(), happening.RelatedId("comment")));
        Assert.Equal("/data/attributes/body", (await CommentAsync(" ")).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/body", (await CommentAsync(new string('x', 10_001))).ExpectError(422).Pointer);
        (await run.ActAsync("discard", new string('x', 10_001))).ExpectError(422);
        (await platform.Api.GetAsync("comments/wsc-0000000000000000")).ExpectError(404);
        (await platform.Api.GetAsync("run-events/re-0000000000000000")).ExpectError(404);
        (await platform.Api.GetAsync("runs/run-0000000000000000/comments")).ExpectError(404);

        Task<Answer> CommentAsync(string body) =>
            platform.Api.PostAsync($"runs/{run.Id}/comments", ApiClient.Document("comments", new JsonObject { ["body"] = body }));
    }

    [Theory, EachDatabase]
    public async Task What_no_run_has_here_is_an_empty_list_or_an_honest_404(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync(new JsonObject { ["plan-only"] = true });

        Assert.Empty((await platform.Api.GetAsync($"runs/{run.Id}/task-stages")).Expect(200).Data.AsArray());
        Assert.Empty((await platform.Api.GetAsync($"runs/{run.Id}/policy-checks")).Expect(200).Data.AsArray());
        foreach (var path in new[]
        {
            "runs/run-0000000000000000/task-stages", "task-stages/ts-0000000000000000", "task-results/taskrs-0000000000000000",
            "policy-checks/polchk-0000000000000000", "policy-evaluations/poleval-0000000000000000", "cost-estimates/ce-0000000000000000",
        })
        {
            (await platform.Api.GetAsync(path)).ExpectError(404);
        }
    }

    [Theory, EachDatabase]
    public async Task A_forced_run_takes_the_place_of_one_that_waits_for_a_decision(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var holder = await workspace.StartAsync();
        await holder.ReachAsync("planned");
        var urgent = await workspace.StartAsync();
        Assert.Equal("pending", await urgent.StatusAsync());

        (await urgent.ActAsync("force-execute", "now")).Expect(202);

        await urgent.ReachAsync("planned");
        Assert.Equal("discarded", await holder.StatusAsync());
        (await urgent.ActAsync("force-execute")).ExpectError(409);
        (await platform.Api.PostAsync("runs/run-0000000000000000/actions/force-execute")).ExpectError(404);
    }

    private static JsonObject Variable(string key, string value) => new() { ["key"] = key, ["value"] = value };

    private static string Plain(JsonNode node) => node.ToJsonString(new System.Text.Json.JsonSerializerOptions
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
