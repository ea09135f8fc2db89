using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>Compound documents, sparse answers and sorting: what a caller may say about the shape of an answer.</summary>
public sealed class IncludeTests
{
    [Theory, EachDatabase]
    public async Task A_workspace_brings_along_what_was_asked_for(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("key", "value");
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        var answer = (await platform.Api.GetAsync($"workspaces/{workspace.Id}?include="
            + "organization,project,current_run,current_run.plan,current_run.configuration_version.ingress_attributes,vars,locked_by,readme"))
            .Expect(200).Json;

        CommittedDocument.Compare("workspace-included", answer, new Dictionary<string, string>
        {
            [workspace.Organization] = "<organization>",
            [workspace.Name] = "<workspace>",
        });
    }

    [Theory, EachDatabase]
    public async Task Each_resource_is_included_once_and_none_that_was_asked_for_itself(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var runs = new[] { await workspace.StartAsync(), await workspace.StartAsync(), await workspace.StartAsync() };

        var list = await IncludeAsync(platform, $"workspaces/{workspace.Id}/runs", "workspace,configuration-version,plan,workspace.current_run,workspace");

        Assert.Equal(3, list.Primary);
        Assert.Equal(["configuration-versions", "plans", "plans", "plans", "workspaces"], list.Types);
        Assert.DoesNotContain(list.Included, included => runs.Any(run => run.Id == included!["id"]!.GetValue<string>()));
    }

    [Theory, EachDatabase]
    public async Task No_included_resource_leads_back_to_itself(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("key", "value");
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");
        var state = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200).Id;

        // The workspace names its run, which names its workspace; a variable names the workspace that is included for it.
        Assert.Equal(["runs"], (await IncludeAsync(platform, $"state-versions/{state}", "run,run.workspace")).Types);
        Assert.Equal(["workspaces"], (await IncludeAsync(platform, $"runs/{run.Id}", "workspace.vars,workspace.current_run")).Types);
        Assert.Equal(["runs", "state-versions"], (await IncludeAsync(
            platform, $"workspaces/{workspace.Id}", "current_state_version.run.workspace,current_run")).Types);
    }

    [Theory]
    [InlineData("task_stages")]
    [InlineData("cost_estimate")]
    [InlineData("created_by,plan")]
    [InlineData("configuration-version.ingress-attributes")]
    [InlineData("configuration_version.ingress_attributes,,")]
    [InlineData("run_events")]
    public async Task What_clients_ask_for_out_of_habit_is_no_mistake(string include)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();

        await IncludeAsync(platform, $"runs/{run.Id}", include);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("project,nonsense")]
    [InlineData("current_run.nonsense")]
    [InlineData("current_run.plan.nonsense")]
    [InlineData("current_run.workspace.current_run.workspace.current_run")]
    [InlineData("project.")]
    [InlineData(".")]
    [InlineData("name")]
    public async Task What_cannot_be_included_is_refused_in_the_words_that_clients_look_for(string include)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var refused = (await platform.Api.GetAsync($"workspaces/{workspace.Id}?include={include}")).ExpectError(400);

        Assert.StartsWith("Invalid include parameter", refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("current_run", refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_told()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var answer = (await platform.Api.GetAsync($"workspaces/{workspace.Id}?include=project&fields%5Bworkspaces%5D=name,auto_apply,project&fields%5Bprojects%5D=")).Expect(200);

        Assert.Equal(["name", "auto-apply"], MembersOf(answer.Attributes));
        Assert.Equal(["project"], MembersOf(answer.Data["relationships"]!));
        var project = Assert.Single(answer.Json["included"]!.AsArray())!;
        Assert.Equal("projects", project["type"]!.GetValue<string>());
        Assert.Empty(MembersOf(project["attributes"]!));
    }

    [Theory, EachDatabase]
    public async Task A_list_is_sorted_as_its_reader_wants(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var organization = TestWorkspace.NewName("sorted");
        foreach (var name in new[] { "b", "a", "c" })
        {
            await TestWorkspace.CreateAsync(platform.Api, organization: organization, name: name);
        }

        async Task<string> NamesAsync(string sort) => string.Concat((await platform.Api.GetAsync($"organizations/{organization}/workspaces{sort}"))
            .Expect(200).Json["data"]!.AsArray().Select(row => row!["attributes"]!["name"]!.GetValue<string>()));

        Assert.Equal("abc", await NamesAsync(""));
        Assert.Equal("cba", await NamesAsync("?sort=-name"));
        Assert.Equal("bac", await NamesAsync("?sort=created_at"));
        Assert.Equal("cab", await NamesAsync("?sort=-created-at,name"));
        var refused = (await platform.Api.GetAsync($"organizations/{organization}/workspaces?sort=colour")).ExpectError(400);
        Assert.Contains("name, created-at", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_declared_relation_can_be_asked_for_with_every_resource()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        var read = (await run.ReadAsync()).Data["relationships"]!;
        string Related(string name) => read[name]!["data"]!["id"]!.GetValue<string>();
        var paths = new Dictionary<string, string>
        {
            ["organizations"] = $"organizations/{workspace.Organization}",
            ["projects"] = $"projects/{(await workspace.ReadAsync()).RelatedId("project")}",
            ["workspaces"] = $"workspaces/{workspace.Id}",
            ["runs"] = $"runs/{run.Id}",
            ["plans"] = $"plans/{Related("plan")}",
            ["applies"] = $"applies/{Related("apply")}",
            ["configuration-versions"] = $"configuration-versions/{Related("configuration-version")}",
            ["run-events"] = $"runs/{run.Id}/run-events",
            ["vars"] = $"workspaces/{workspace.Id}/vars",
        };
        foreach (var (type, path) in paths)
        {
            foreach (var relation in platform.Get<Web.Api.JsonApi.ResourceTypes>().Find(type)!.RelationsOfAny.Where(relation => relation.IsIncludable))
            {
                await IncludeAsync(platform, path, relation.Name);
            }
        }
    }

    private static async Task<(int Primary, IReadOnlyList<JsonNode?> Included, IReadOnlyList<string> Types)> IncludeAsync(Platform platform, string path, string include)
    {
        var answer = (await platform.Api.GetAsync($"{path}?include={include}")).Expect(200);
        var included = answer.Json["included"]!.AsArray().ToDictionary(KeyOf);
        foreach (var start in included.Values)
        {
            AssertNoWayBack(KeyOf(start), start!, included, []);
        }
        return (answer.Data is JsonArray list ? list.Count : 1, [.. included.Values],
            [.. included.Values.Select(one => one!["type"]!.GetValue<string>()).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Go's clients resolve references among what is included without end.</summary>
    private static void AssertNoWayBack(string start, JsonNode at, Dictionary<string, JsonNode?> included, HashSet<string> seen)
    {
        foreach (var (_, relationship) in at["relationships"]?.AsObject() ?? [])
        {
            var data = relationship!["data"];
            foreach (var related in (data as JsonArray ?? (data is null ? [] : [data.DeepClone()])).Select(KeyOf))
            {
                Assert.NotEqual(start, related);
                if (seen.Add(related) && included.TryGetValue(related, out var next))
                {
                    AssertNoWayBack(start, next!, included, seen);
                }
            }
        }
    }

    private static string KeyOf(JsonNode? resource) => $"{resource!["type"]}/{resource["id"]}";

    private static IEnumerable<string> MembersOf(JsonNode node) => node.AsObject().Select(member => member.Key);
}
