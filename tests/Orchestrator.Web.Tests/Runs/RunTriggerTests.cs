using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class RunTriggerTests
{
    [Theory, EachDatabase]
    public async Task An_apply_queues_a_run_where_it_is_followed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var source = await TestWorkspace.CreateAsync(platform.Api);
        var follower = await TestWorkspace.CreateAsync(platform.Api, organization: source.Organization);
        await source.UploadSampleAsync("hello");
        await follower.UploadSampleAsync("hello");
        var trigger = (await FollowAsync(platform, follower, source)).Expect(201);

        var applied = await source.ApplyAsync();
        var run = await Wait.ForAsync("the follower's run", async () => await follower.RunsAsync() is [var first, ..] ? first : null);
        var planned = await run.ReachAsync("planned");

        Assert.Equal(
            ("run_trigger", "tfe-run-trigger", source.Name, $"Triggered by {applied.Id} in workspace {source.Name}"),
            (planned.Attributes["trigger-reason"]!.GetValue<string>(), planned.Attributes["source"]!.GetValue<string>(),
                planned.Attributes["triggering-source-name"]!.GetValue<string>(), planned.Attributes["message"]!.GetValue<string>()));
        Assert.Equal((applied.Id, source.Id), (planned.RelatedId("triggering-run"), planned.RelatedId("triggering-source")));
        CommittedDocument.Compare("run-trigger", trigger.Json, new Dictionary<string, string>
        {
            [source.Name] = "<source>", [follower.Name] = "<follower>",
        });
    }

    [Theory, EachDatabase]
    public async Task Triggers_are_listed_from_both_ends_and_refused_where_they_make_no_sense(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var first = await TestWorkspace.CreateAsync(platform.Api);
        var second = await TestWorkspace.CreateAsync(platform.Api, organization: first.Organization);
        var third = await TestWorkspace.CreateAsync(platform.Api, organization: first.Organization);
        var stranger = await TestWorkspace.CreateAsync(platform.Api);
        var one = (await FollowAsync(platform, second, first)).Expect(201);
        (await FollowAsync(platform, third, second)).Expect(201);

        Assert.Equal([one.Id], await ListAsync(platform, second, "inbound"));
        Assert.Equal([one.Id], await ListAsync(platform, first, "outbound"));
        Assert.Empty(await ListAsync(platform, first, "inbound"));
        (await platform.Api.GetAsync($"workspaces/{first.Id}/run-triggers")).ExpectError(400);
        foreach (var (follower, source) in new[] { (first, first), (second, first), (first, third), (first, stranger) })
        {
            Assert.Equal("/data/relationships/sourceable", (await FollowAsync(platform, follower, source)).ExpectError(422).Pointer);
        }
        (await platform.Api.PostAsync($"workspaces/{first.Id}/run-triggers", ApiClient.Document("run-triggers"))).ExpectError(422);
        (await platform.Api.GetAsync($"run-triggers/{one.Id}")).Expect(200);
        (await platform.Api.DeleteAsync($"run-triggers/{one.Id}")).Expect(204);
        (await platform.Api.DeleteAsync($"run-triggers/{one.Id}")).ExpectError(404);
        (await FollowAsync(platform, first, third)).Expect(201);
    }

    private static Task<Answer> FollowAsync(Platform platform, TestWorkspace follower, TestWorkspace source) => platform.Api.PostAsync(
        $"workspaces/{follower.Id}/run-triggers", ApiClient.Document("run-triggers", [], ("sourceable", "workspaces", source.Id)));

    private static async Task<IReadOnlyList<string>> ListAsync(Platform platform, TestWorkspace workspace, string type) =>
        [.. (await platform.Api.GetAsync($"workspaces/{workspace.Id}/run-triggers?filter%5Brun-trigger%5D%5Btype%5D={type}"))
            .Expect(200).Data.AsArray().Select(trigger => trigger!["id"]!.GetValue<string>())];
}
