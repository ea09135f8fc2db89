using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class RunListTests
{
    [Theory, EachDatabase]
    public async Task A_workspaces_runs_are_listed_newest_first_without_the_plan_only_ones(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var (first, second, looking) = (
            await workspace.StartAsync(), await workspace.StartAsync(new JsonObject { ["is-destroy"] = true }),
            await workspace.StartAsync(new JsonObject { ["plan-only"] = true }));
        await first.ReachAsync("planned");

        var list = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/runs")).Expect(200).Json;

        Assert.Equal([second.Id, first.Id], Ids(list));
        Assert.Equal([1, 0], Attribute(list, "position-in-queue").Select(position => position!.GetValue<int>()));
        Assert.NotNull(list["data"]![1]!["attributes"]!["status-timestamps"]!["planned-at"]);
        Assert.Equal(2, list["meta"]!["pagination"]!["total-count"]!.GetValue<int>());
        Assert.Equal([looking.Id], await ListAsync(platform, $"workspaces/{workspace.Id}/runs?filter%5Boperation%5D=plan_only"));
        Assert.Equal([second.Id], await ListAsync(platform, $"workspaces/{workspace.Id}/runs?filter%5Bstatus%5D=pending"));
        Assert.Contains("'done'", (await platform.Api.GetAsync($"workspaces/{workspace.Id}/runs?filter%5Bstatus%5D=done")).ExpectError(400)
            .Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        (await platform.Api.GetAsync("workspaces/ws-0000000000000000/runs")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task An_organizations_runs_are_listed_without_anybody_counting_them(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var one = await TestWorkspace.CreateAsync(platform.Api);
        var two = await TestWorkspace.CreateAsync(platform.Api, organization: one.Organization);
        var stranger = await TestWorkspace.CreateAsync(platform.Api);
        var runs = new List<TestRun>();
        foreach (var workspace in new[] { one, two, one, stranger })
        {
            await workspace.UploadSampleAsync("hello");
            runs.Add(await workspace.StartAsync());
        }
        var path = $"organizations/{one.Organization}/runs";

        var page = (await platform.Api.GetAsync($"{path}?page%5Bsize%5D=2")).Expect(200).Json;

        Assert.Equal([runs[2].Id, runs[1].Id], Ids(page));
        Assert.Equal(
            """{"current-page":1,"page-size":2,"prev-page":null,"next-page":2}""", page["meta"]!["pagination"]!.ToJsonString());
        Assert.Equal([runs[0].Id], await ListAsync(platform, page["links"]!["next"]!.GetValue<string>()));
        Assert.Equal([runs[1].Id], await ListAsync(platform, $"{path}?filter%5Bworkspace_names%5D={two.Name}"));
        (await platform.Api.GetAsync("organizations/nobody-has-this-name/runs")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task The_queue_and_the_capacity_of_an_organization_tell_what_its_workers_do(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("long-running");
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        var waiting = await workspace.StartAsync();
        await run.WaitForLogAsync("apply", "step 1 of 60");

        var queue = (await platform.Api.GetAsync($"organizations/{workspace.Organization}/runs/queue")).Expect(200).Json;
        var capacity = (await platform.Api.GetAsync($"organizations/{workspace.Organization}/capacity")).Expect(200).Json;
        (await run.ActAsync("cancel")).Expect(202);
        (await waiting.ActAsync("cancel")).Expect(202);
        await run.ReachAsync("canceled");

        Assert.Equal([run.Id], Ids(queue));
        Assert.Equal(0, queue["data"]![0]!["attributes"]!["position-in-queue"]!.GetValue<int>());
        CommittedDocument.Compare("capacity", capacity, new Dictionary<string, string> { [workspace.Organization] = "<organization>" });
        Assert.Empty(await ListAsync(platform, $"organizations/{workspace.Organization}/runs/queue"));
    }

    private static async Task<IReadOnlyList<string>> ListAsync(Platform platform, string path) =>
        Ids((await platform.Api.GetAsync(path)).Expect(200).Json);

    private static IReadOnlyList<string> Ids(JsonNode list) => [.. list["data"]!.AsArray().Select(run => run!["id"]!.GetValue<string>())];

    private static IEnumerable<JsonNode?> Attribute(JsonNode list, string name) =>
        list["data"]!.AsArray().Select(run => run!["attributes"]![name]);
}
