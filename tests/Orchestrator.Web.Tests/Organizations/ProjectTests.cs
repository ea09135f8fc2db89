using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Organizations;

public sealed class ProjectTests
{
    [Theory, EachDatabase]
    public async Task A_project_can_be_renamed_described_and_deleted(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var organization = await OrganizationTests.CreateAsync(platform);
        var id = await CreateAsync(platform, organization, "Network");

        var changed = (await PatchAsync(platform, id, new JsonObject { ["name"] = "Network 2", ["description"] = "All of it" })).Expect(200);
        Assert.Equal(("Network 2", "All of it"), (changed.Attributes["name"]!.GetValue<string>(), changed.Attributes["description"]!.GetValue<string>()));
        Assert.Null((await PatchAsync(platform, id, new JsonObject { ["description"] = null })).Expect(200).Attributes["description"]);

        (await platform.Api.DeleteAsync($"projects/{id}")).Expect(204);
        (await platform.Api.GetAsync($"projects/{id}")).ExpectError(404);
        (await platform.Api.DeleteAsync($"projects/{id}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task A_name_in_use_or_against_the_rules_is_refused_also_when_renaming(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var organization = await OrganizationTests.CreateAsync(platform);
        await CreateAsync(platform, organization, "Taken");
        var id = await CreateAsync(platform, organization, "Free");

        foreach (var name in new[] { "Taken", "ab", " Network", "Network ", "a/b", "a:b", new string('x', 41), "" })
        {
            Assert.Equal("/data/attributes/name", (await PatchAsync(platform, id, new JsonObject { ["name"] = name })).ExpectError(422).Pointer);
        }
        Assert.Equal("/data/attributes/description",
            (await PatchAsync(platform, id, new JsonObject { ["description"] = new string('x', 257) })).ExpectError(422).Pointer);
        Assert.Equal("Free", (await platform.Api.GetAsync($"projects/{id}")).Expect(200).Attributes["name"]!.GetValue<string>());
    }

    [Theory, EachDatabase]
    public async Task The_default_project_stays_and_keeps_its_name(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var organization = await OrganizationTests.CreateAsync(platform);
        var id = (await platform.Api.GetAsync($"organizations/{organization}/projects")).Expect(200).Json["data"]![0]!["id"]!.GetValue<string>();

        (await platform.Api.DeleteAsync($"projects/{id}")).ExpectError(409);
        Assert.Equal("/data/attributes/name", (await PatchAsync(platform, id, new JsonObject { ["name"] = "Another" })).ExpectError(422).Pointer);
        (await PatchAsync(platform, id, new JsonObject { ["name"] = "Default Project", ["description"] = "Where things begin" })).Expect(200);
    }

    [Theory, EachDatabase]
    public async Task Workspaces_move_between_projects_and_hold_theirs(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var first = await TestWorkspace.CreateAsync(platform.Api);
        var second = await TestWorkspace.CreateAsync(platform.Api, organization: first.Organization);
        var stranger = await TestWorkspace.CreateAsync(platform.Api);
        var id = await CreateAsync(platform, first.Organization, "Target");
        Task<Answer> Move(params string[] workspaces) =>
            platform.Api.PostAsync($"projects/{id}/relationships/workspaces", ApiLists.Of("workspaces", workspaces));

        (await Move(first.Id, stranger.Id)).ExpectError(422);
        (await Move(first.Id, "ws-0000000000000000")).ExpectError(422);
        Assert.NotEqual(id, (await first.ReadAsync()).RelatedId("project"));
        (await Move(first.Id, second.Id, first.Id)).Expect(204);

        Assert.Equal(id, (await second.ReadAsync()).RelatedId("project"));
        Assert.Equal(2, (await platform.Api.GetAsync($"projects/{id}")).Expect(200).Attributes["workspace-count"]!.GetValue<int>());
        (await platform.Api.DeleteAsync($"projects/{id}")).ExpectError(409);
        (await platform.Api.SendTextAsync(HttpMethod.Post, $"projects/{id}/relationships/workspaces", """{"data":[{"type":"workspaces"}]}""")).ExpectError(400);
        (await platform.Api.SendTextAsync(HttpMethod.Post, $"projects/{id}/relationships/workspaces", """{"data":{}}""")).ExpectError(400);
        (await platform.Api.SendTextAsync(HttpMethod.Post, $"projects/{id}/relationships/workspaces", """{"data":[null]}""")).ExpectError(400);
    }

    [Theory, EachDatabase]
    public async Task Projects_are_found_by_names_or_parts_of_them(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var organization = await OrganizationTests.CreateAsync(platform);
        await CreateAsync(platform, organization, "Alpha One");
        await CreateAsync(platform, organization, "Beta Two");
        Task<Answer> List(string query) => platform.Api.GetAsync($"organizations/{organization}/projects?{query}");

        Assert.Equal(["Alpha One", "Beta Two", "Default Project"], (await List("")).Each());
        Assert.Equal(["Default Project", "Beta Two", "Alpha One"], (await List("sort=-name")).Each());
        Assert.Equal(["Alpha One", "Beta Two"], (await List("filter%5Bnames%5D=alpha%20one,BETA%20TWO,nobody&q=Default")).Each());
        Assert.Equal(["Beta Two"], (await List("q=TWO")).Each());
        Assert.Empty((await List("q=%25")).Each());
    }

    [Theory, EachDatabase]
    public async Task A_workspace_inherits_from_its_project_and_that_from_its_organization(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = await CreateAsync(platform, workspace.Organization, "Local ones");
        (await platform.Api.PostAsync($"projects/{project}/relationships/workspaces", ApiLists.Of("workspaces", workspace.Id))).Expect(204);
        async Task<(string Mode, bool IsOwn)> Mode()
        {
            var attributes = (await workspace.ReadAsync()).Attributes;
            return (attributes["execution-mode"]!.GetValue<string>(), attributes["setting-overwrites"]!["execution-mode"]!.GetValue<bool>());
        }
        Task<Answer> Set(string path, string type, JsonObject attributes) => platform.Api.PatchAsync(path, ApiClient.Document(type, attributes));

        Assert.Equal(("remote", false), await Mode());
        (await Set($"organizations/{workspace.Organization}", "organizations", new JsonObject { ["default-execution-mode"] = "local" })).Expect(200);
        Assert.Equal(("local", false), await Mode());
        var own = (await Set($"projects/{project}", "projects", new JsonObject { ["default-execution-mode"] = "remote" })).Expect(200);
        Assert.True(own.Attributes["setting-overwrites"]!["default-execution-mode"]!.GetValue<bool>());
        Assert.Equal(("remote", false), await Mode());
        (await Set($"projects/{project}", "projects", new JsonObject
        {
            ["default-execution-mode"] = "remote",
            ["setting-overwrites"] = new JsonObject { ["default-execution-mode"] = false },
        })).Expect(200);
        Assert.Equal(("local", false), await Mode());

        (await Set($"workspaces/{workspace.Id}", "workspaces", new JsonObject { ["execution-mode"] = "remote" })).Expect(200);
        Assert.Equal(("remote", true), await Mode());
        (await Set($"workspaces/{workspace.Id}", "workspaces", new JsonObject
        {
            ["setting-overwrites"] = new JsonObject { ["execution-mode"] = false, ["agent-pool"] = false },
        })).Expect(200);
        Assert.Equal(("local", false), await Mode());
        (await Set($"workspaces/{workspace.Id}", "workspaces", new JsonObject { ["setting-overwrites"] = new JsonObject { ["execution-mode"] = true } })).Expect(200);
        Assert.Equal(("local", true), await Mode());
    }

    [Theory, EachDatabase]
    public async Task A_workspace_that_inherits_local_execution_runs_nothing_here(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        (await platform.Api.PatchAsync($"organizations/{workspace.Organization}", ApiClient.Document(
            "organizations", new JsonObject { ["default-execution-mode"] = "local" }))).Expect(200);

        var refused = (await platform.Api.PostAsync("runs", ApiClient.Document("runs", null, ("workspace", "workspaces", workspace.Id)))).ExpectError(422);

        Assert.Contains("'local'", refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False((await workspace.ReadAsync()).Attributes["operations"]!.GetValue<bool>());
    }

    internal static async Task<string> CreateAsync(Platform platform, string organization, string name, JsonObject? attributes = null)
    {
        var wanted = attributes ?? [];
        wanted["name"] = name;
        return (await platform.Api.PostAsync($"organizations/{organization}/projects", ApiClient.Document("projects", wanted))).Expect(201).Id;
    }

    private static Task<Answer> PatchAsync(Platform platform, string id, JsonObject attributes) =>
        platform.Api.PatchAsync($"projects/{id}", ApiClient.Document("projects", attributes));
}
