using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Workspaces;

public sealed class WorkspaceResourceTests
{
    [Theory, EachDatabase]
    public async Task Each_instance_is_told_with_the_state_that_has_changed_it_last(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        Assert.Empty((await ListAsync(platform, workspace)).Rows);
        await workspace.LockAsync();
        var first = (await workspace.PushAsync(platform.Api, State(1, ("kept", null, "a"), ("changed", 0, "b"), ("gone", null, "c")), 1)).Id;
        var second = (await workspace.PushAsync(platform.Api, State(2, ("kept", null, "a"), ("changed", 0, "x"), ("new", "key", "d")), 2)).Id;

        var (rows, pagination) = await ListAsync(platform, workspace);

        Assert.Equal(3, pagination["total-count"]!.GetValue<int>());
        Assert.Equal(["terraform_data.changed[0]", "terraform_data.kept", "terraform_data.new[\"key\"]"], rows.Select(row => Text(row, "address")));
        Assert.Equal(["0", null, "key"], rows.Select(row => row["attributes"]!["name-index"]?.GetValue<string>()));
        Assert.Equal([second, first, second], rows.Select(row => Text(row, "modified-by-state-version-id")));
        Assert.All(rows, row => Assert.Equal(
            ("root", "hashicorp/aws", "terraform_data"), (Text(row, "module"), Text(row, "provider"), Text(row, "provider-type"))));
        Assert.True(Created(rows[0]) < rows[0]["attributes"]!["updated-at"]!.GetValue<DateTimeOffset>(), "The changed one was there before its change.");
        Assert.Equal(Created(rows[0]), Created(rows[1]));
        Assert.True(Created(rows[1]) < Created(rows[2]), "The new one came after the others.");
        Assert.StartsWith("wsr-", rows[0]["id"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_come_in_pages_and_keep_their_ids()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.LockAsync();
        await workspace.PushAsync(platform.Api, State(1, [.. Enumerable.Range(0, 5).Select(index => ("many", (JsonNode?)index, "x"))]), 1);
        var before = await ListAsync(platform, workspace);
        await workspace.PushAsync(platform.Api, State(2, [.. Enumerable.Range(0, 5).Select(index => ("many", (JsonNode?)index, "y"))]), 2);

        var page = await ListAsync(platform, workspace, "?page%5Bnumber%5D=2&page%5Bsize%5D=2");

        Assert.Equal(["terraform_data.many[2]", "terraform_data.many[3]"], page.Rows.Select(row => Text(row, "address")));
        Assert.Equal((3, 5), (page.Pagination["total-pages"]!.GetValue<int>(), page.Pagination["total-count"]!.GetValue<int>()));
        Assert.Equal(before.Rows[2]["id"]!.GetValue<string>(), page.Rows[0]["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_terraform_has_made_is_listed_with_its_module()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync(Archive.Of(
            ("main.tf", """module "inner" { source = "./inner" }"""),
            ("inner/main.tf", """resource "terraform_data" "one" { input = "made" }""")));
        await workspace.ApplyAsync();

        var row = Assert.Single((await ListAsync(platform, workspace)).Rows);

        Assert.Equal(
            ("module.inner.terraform_data.one", "one", "module.inner", "terraform.io/builtin/terraform"),
            (Text(row, "address"), Text(row, "name"), Text(row, "module"), Text(row, "provider")));
        Assert.DoesNotContain("made", row.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task<(IReadOnlyList<JsonNode> Rows, JsonNode Pagination)> ListAsync(Platform platform, TestWorkspace workspace, string query = "")
    {
        var answer = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/resources{query}")).Expect(200).Json;
        return ([.. answer["data"]!.AsArray().Select(row => row!)], answer["meta"]!["pagination"]!);
    }

    private static string Text(JsonNode row, string name) => row["attributes"]![name]!.GetValue<string>();

    private static DateTimeOffset Created(JsonNode row) => row["attributes"]!["created-at"]!.GetValue<DateTimeOffset>();

    private static byte[] State(long serial, params (string Name, JsonNode? Index, string Input)[] instances)
    {
        var state = JsonNode.Parse(RawState.Of(serial))!;
        state["resources"] = new JsonArray([.. instances.GroupBy(instance => instance.Name).Select(resource => new JsonObject
        {
            ["mode"] = "managed",
            ["type"] = "terraform_data",
            ["name"] = resource.Key,
            ["provider"] = "provider[\"registry.terraform.io/hashicorp/aws\"]",
            ["instances"] = new JsonArray([.. resource.Select(instance =>
            {
                var shown = new JsonObject { ["attributes"] = new JsonObject { ["input"] = instance.Input } };
                if (instance.Index is { } index)
                {
                    shown["index_key"] = index.DeepClone();
                }
                return shown;
            })]),
        })]);
        return System.Text.Encoding.UTF8.GetBytes(state.ToJsonString());
    }
}
