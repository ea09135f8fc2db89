using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Workspaces;

/// <summary>The two generations of tags are one thing here: a flat tag is a binding without a value.</summary>
public sealed class TagTests
{
    [Theory, EachDatabase]
    public async Task Flat_tags_and_bindings_show_each_other(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PostAsync(Tags(workspace), ApiLists.Of("tags", new JsonObject { ["name"] = "app" }, new JsonObject { ["name"] = "net" }))).Expect(204);
        var bound = await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("env=prod", "net=core")));

        Assert.Equal(["app=", "env=prod", "net=core"], Pairs(bound));
        Assert.Equal(Pairs(bound), Pairs(await platform.Api.GetAsync(Bindings(workspace))));
        Assert.Equal(["app", "env", "net"], (await platform.Api.GetAsync(Tags(workspace))).Each());
        Assert.Equal("""["app","env","net"]""", (await workspace.ReadAsync()).Attributes["tag-names"]!.ToJsonString());
        Assert.Equal(
            (await platform.Api.GetAsync(Tags(workspace))).Json["data"]!.AsArray().Select(tag => tag!["id"]!.GetValue<string>()),
            (await workspace.ReadAsync()).Data["relationships"]!["tags"]!["data"]!.AsArray().Select(tag => tag!["id"]!.GetValue<string>()));
        Assert.Equal(["net"], (await platform.Api.GetAsync(Tags(workspace) + "?name=net")).Each());
    }

    [Theory, EachDatabase]
    public async Task Adding_a_flat_tag_leaves_the_value_that_a_binding_has(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("env=prod")))).Expect(200);

        (await platform.Api.PostAsync(Tags(workspace), ApiLists.Of("tags", new JsonObject { ["name"] = "env" }))).Expect(204);
        Assert.Equal(["env=prod"], Pairs(await platform.Api.GetAsync(Bindings(workspace))));
        // A binding without a value, as the CLI sends it, takes the value's place.
        Assert.Equal(["env="], Pairs(await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("env")))));
    }

    [Theory, EachDatabase]
    public async Task Tags_are_taken_away_by_name_or_by_id(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("a", "b=1", "c", "d")))).Expect(200);
        var id = (await platform.Api.GetAsync(Tags(workspace) + "?name=b")).Json["data"]![0]!["id"]!.GetValue<string>();

        async Task Delete(JsonObject body) => (await DeleteAsync(platform, Tags(workspace), body)).Expect(204);
        await Delete(ApiLists.Of("tags", id));
        await Delete(ApiLists.Of("tags", new JsonObject { ["name"] = "a" }, new JsonObject { ["name"] = "never-there" }));

        Assert.Equal(["c", "d"], (await platform.Api.GetAsync(Tags(workspace))).Each());
        (await DeleteAsync(platform, Tags(workspace), ApiLists.Of("tags", "tag-0000000000000000"))).ExpectError(422);
        (await DeleteAsync(platform, Tags(workspace), new JsonObject())).ExpectError(400);
    }

    [Theory, EachDatabase]
    public async Task Tags_given_with_a_workspace_take_the_place_of_all_it_has(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        JsonObject With(string relationship, JsonObject list) => ApiClient.Document("workspaces").With(relationship, list);
        Task<Answer> Patch(JsonObject document) => platform.Api.PatchAsync($"workspaces/{workspace.Id}", document);

        (await Patch(With("tags", ApiLists.Of("tags", new JsonObject { ["name"] = "app" })))).Expect(200);
        Assert.Equal(["app="], Pairs(await platform.Api.GetAsync(Bindings(workspace))));
        (await Patch(With("tag-bindings", ApiLists.Of("tag-bindings", ApiLists.Tags("env=prod", "team=net"))))).Expect(200);
        Assert.Equal(["env=prod", "team=net"], Pairs(await platform.Api.GetAsync(Bindings(workspace))));
        (await Patch(ApiClient.Document("workspaces", new JsonObject { ["description"] = "nothing about tags" }))).Expect(200);
        Assert.Equal(["env=prod", "team=net"], Pairs(await platform.Api.GetAsync(Bindings(workspace))));
        (await Patch(With("tag-bindings", new JsonObject { ["data"] = new JsonArray() }))).Expect(200);
        Assert.Empty(Pairs(await platform.Api.GetAsync(Bindings(workspace))));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("with/slash")]
    [InlineData("")]
    [InlineData("hc:mine")]
    [InlineData("HCP:mine")]
    [InlineData("ünïcode")]
    [InlineData("key=")]
    [InlineData("key=with space")]
    [InlineData("LONG")]
    [InlineData("key=LONGVALUE")]
    public async Task A_tag_against_the_rules_is_refused_wherever_it_is_given(string tag)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        var wanted = ApiLists.Tags(tag.Replace("LONGVALUE", new string('v', 257), StringComparison.Ordinal).Replace("LONG", new string('k', 129), StringComparison.Ordinal));
        if (tag == "key=")
        {
            wanted[0].Remove("key");
        }
        JsonObject List() => ApiLists.Of("tag-bindings", [.. wanted.Select(one => one.DeepClone().AsObject())]);

        (await platform.Api.PatchAsync(Bindings(workspace), List())).ExpectError(422);
        (await platform.Api.PatchAsync($"projects/{project}/tag-bindings", List())).ExpectError(422);
        Assert.Equal("/data/relationships/tag-bindings", (await platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}", ApiClient.Document("workspaces").With("tag-bindings", List()))).ExpectError(422).Pointer);
        Assert.Empty(Pairs(await platform.Api.GetAsync(Bindings(workspace))));
    }

    [Theory, EachDatabase]
    public async Task A_workspace_has_ten_tags_of_its_own_and_ten_of_its_project(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        string[] Keys(string prefix, int count) => [.. Enumerable.Range(0, count).Select(index => $"{prefix}{index}=1")];

        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags(Keys("w", 11))))).ExpectError(422);
        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags(Keys("w", 10))))).Expect(200);
        (await platform.Api.PostAsync(Tags(workspace), ApiLists.Of("tags", new JsonObject { ["name"] = "one-more" }))).ExpectError(422);
        (await platform.Api.PatchAsync($"projects/{project}/tag-bindings", ApiLists.Of("tag-bindings", ApiLists.Tags(Keys("p", 10))))).Expect(200);
        (await platform.Api.PatchAsync($"projects/{project}/tag-bindings", ApiLists.Of("tag-bindings", ApiLists.Tags("more=1")))).ExpectError(422);

        Assert.Equal(20, (await platform.Api.GetAsync($"workspaces/{workspace.Id}/effective-tag-bindings")).Each("key").Count);
    }

    [Theory, EachDatabase]
    public async Task What_a_workspace_inherits_says_from_where(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        (await platform.Api.PatchAsync($"projects/{project}/tag-bindings", ApiLists.Of("tag-bindings", ApiLists.Tags("cost=42", "env=prod")))).Expect(200);
        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("env=dev")))).Expect(200);

        CommittedDocument.Compare("effective-tag-bindings",
            (await platform.Api.GetAsync($"workspaces/{workspace.Id}/effective-tag-bindings")).Expect(200).Json, new Dictionary<string, string>());
        CommittedDocument.Compare("tag-bindings", (await platform.Api.GetAsync(Bindings(workspace))).Expect(200).Json, new Dictionary<string, string>());
        var included = (await platform.Api.GetAsync($"workspaces/{workspace.Id}?include=effective_tag_bindings")).Expect(200).Json["included"]!.AsArray();
        Assert.Equal(["cost", "env"], included.Select(tag => tag!["attributes"]!["key"]!.GetValue<string>()));
        Assert.Equal(["cost", "env"], (await platform.Api.GetAsync($"projects/{project}/effective-tag-bindings")).Each("key"));
    }

    [Theory, EachDatabase]
    public async Task A_reserved_key_can_forbid_workspaces_to_differ_from_their_project(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("env=dev", "free=1")))).Expect(200);
        (await platform.Api.PatchAsync($"projects/{project}/tag-bindings", ApiLists.Of("tag-bindings", ApiLists.Tags("env=prod")))).Expect(200);
        var keys = $"organizations/{workspace.Organization}/reserved-tag-keys";
        JsonObject Key(string? key, bool? fixedKey) => ApiClient.Document("reserved-tag-keys", new JsonObject { ["key"] = key, ["disable-overrides"] = fixedKey });
        async Task<string> Env() => (await platform.Api.GetAsync($"workspaces/{workspace.Id}/effective-tag-bindings")).Json["data"]![0]!["attributes"]!["value"]!.GetValue<string>();

        var reserved = (await platform.Api.PostAsync(keys, Key("env", false))).Expect(201);
        Assert.Equal("dev", await Env());
        (await platform.Api.PatchAsync($"reserved-tag-keys/{reserved.Id}", Key(null, true))).Expect(200);
        Assert.Equal("prod", await Env());
        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("env=test")))).ExpectError(422);
        (await platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("env=prod", "free=2")))).Expect(200);

        (await platform.Api.PostAsync(keys, Key("env", false))).ExpectError(422);
        Assert.Equal("/data/attributes/key", (await platform.Api.PostAsync(keys, Key("not a key", false))).ExpectError(422).Pointer);
        Assert.Equal(["env"], (await platform.Api.GetAsync(keys)).Each("key"));
        (await platform.Api.DeleteAsync($"reserved-tag-keys/{reserved.Id}")).Expect(204);
        (await platform.Api.DeleteAsync($"reserved-tag-keys/{reserved.Id}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task An_organization_knows_the_tags_that_its_workspaces_have(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var first = await TestWorkspace.CreateAsync(platform.Api);
        var second = await TestWorkspace.CreateAsync(platform.Api, organization: first.Organization);
        var stranger = await TestWorkspace.CreateAsync(platform.Api);
        await platform.Api.PatchAsync(Bindings(first), ApiLists.Of("tag-bindings", ApiLists.Tags("app", "env=prod")));
        await platform.Api.PatchAsync(Bindings(second), ApiLists.Of("tag-bindings", ApiLists.Tags("app")));
        var tags = $"organizations/{first.Organization}/tags";
        async Task<IReadOnlyList<string>> List(string query) =>
            [.. (await platform.Api.GetAsync($"{tags}?{query}")).Expect(200).Json["data"]!.AsArray().Select(tag => $"{tag!["attributes"]!["name"]} {tag["attributes"]!["instance-count"]}")];
        var environment = (await platform.Api.GetAsync($"{tags}?q=ENV")).Json["data"]![0]!["id"]!.GetValue<string>();

        Assert.Equal(["app 2", "env 1"], await List(""));
        Assert.Equal(["env 1"], await List($"filter%5Bexclude%5D%5Btaggable%5D%5Bid%5D={second.Id}"));
        (await platform.Api.PostAsync($"tags/{environment}/relationships/workspaces", ApiLists.Of("workspaces", stranger.Id))).ExpectError(422);
        (await platform.Api.PostAsync($"tags/{environment}/relationships/workspaces", ApiLists.Of("workspaces", second.Id, first.Id))).Expect(204);
        Assert.Equal(["app 2", "env 2"], await List(""));
        Assert.Contains("env=prod", Pairs(await platform.Api.GetAsync(Bindings(first))));
        (await DeleteAsync(platform, tags, ApiLists.Of("tags", environment))).Expect(204);
        Assert.Equal(["app 2"], await List(""));
        (await platform.Api.PostAsync($"tags/{environment}/relationships/workspaces", ApiLists.Of("workspaces", second.Id))).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task Tags_that_are_added_at_once_are_all_there(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index =>
            platform.Api.PatchAsync(Bindings(workspace), ApiLists.Of("tag-bindings", ApiLists.Tags("shared=1", $"own{index % 4}=1")))));

        Assert.All(answers, answer => answer.Expect(200));
        Assert.Equal(["own0=1", "own1=1", "own2=1", "own3=1", "shared=1"], Pairs(await platform.Api.GetAsync(Bindings(workspace))));
    }

    private static string Tags(TestWorkspace workspace) => $"workspaces/{workspace.Id}/relationships/tags";

    private static string Bindings(TestWorkspace workspace) => $"workspaces/{workspace.Id}/tag-bindings";

    private static IReadOnlyList<string> Pairs(Answer bindings) =>
        [.. bindings.Expect(200).Json["data"]!.AsArray().Select(tag => $"{tag!["attributes"]!["key"]}={tag["attributes"]!["value"]}")];

    private static Task<Answer> DeleteAsync(Platform platform, string path, JsonObject body) =>
        platform.Api.SendTextAsync(HttpMethod.Delete, path, body.ToJsonString());
}
