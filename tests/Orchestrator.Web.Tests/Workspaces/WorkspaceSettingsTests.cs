using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Workspaces;

public sealed class WorkspaceSettingsTests
{
    [Theory, EachDatabase]
    public async Task Every_setting_is_kept_and_told_again(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var settings = new JsonObject
        {
            ["description"] = "All about networks",
            ["auto-apply"] = true,
            ["auto-apply-run-trigger"] = true,
            ["allow-destroy-plan"] = false,
            ["terraform-version"] = "~> 1.11.0",
            ["working-directory"] = "environments/prod/",
            ["global-remote-state"] = true,
            ["project-remote-state"] = true,
            ["queue-all-runs"] = true,
            ["speculative-enabled"] = false,
            ["file-triggers-enabled"] = false,
            ["trigger-prefixes"] = new JsonArray("modules", "environments/prod"),
            ["structured-run-output-enabled"] = true,
        };

        var changed = await UpdateAsync(platform, workspace, settings.DeepClone().AsObject());

        foreach (var (name, value) in settings)
        {
            Assert.Equal(value!.ToJsonString(), changed.Attributes[name]!.ToJsonString());
            Assert.Equal(value.ToJsonString(), (await workspace.ReadAsync()).Attributes[name]!.ToJsonString());
        }
        Assert.False(changed.Attributes["can-queue-destroy-plan"]!.GetValue<bool>());
        // What is not mentioned stays.
        var described = await UpdateAsync(platform, workspace, new JsonObject { ["description"] = null });
        Assert.Null(described.Attributes["description"]);
        Assert.True(described.Attributes["auto-apply"]!.GetValue<bool>());
    }

    [Theory, EachDatabase]
    public async Task Patterns_take_the_place_of_prefixes_and_the_other_way_round(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["trigger-prefixes"] = new JsonArray("modules") });

        var patterned = await UpdateAsync(platform, workspace, new JsonObject { ["trigger-patterns"] = new JsonArray("**/*.tf") });
        Assert.Equal(("[]", """["**/*.tf"]"""), (patterned.Attributes["trigger-prefixes"]!.ToJsonString(), patterned.Attributes["trigger-patterns"]!.ToJsonString()));
        // The provider sends the empty one along.
        var prefixed = await UpdateAsync(platform, workspace, new JsonObject { ["trigger-prefixes"] = new JsonArray("a"), ["trigger-patterns"] = new JsonArray() });
        Assert.Equal(("""["a"]""", "[]"), (prefixed.Attributes["trigger-prefixes"]!.ToJsonString(), prefixed.Attributes["trigger-patterns"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"trigger-prefixes":["a"],"trigger-patterns":["b"]}""", "trigger-patterns")]
    [InlineData("""{"trigger-prefixes":["../outside"]}""", "trigger-prefixes")]
    [InlineData("""{"trigger-patterns":[""]}""", "trigger-patterns")]
    [InlineData("""{"trigger-patterns":[null]}""", "trigger-patterns")]
    [InlineData("""{"trigger-patterns":"modules"}""", "trigger-patterns")]
    [InlineData("""{"terraform-version":"newest"}""", "terraform-version")]
    [InlineData("""{"terraform-version":"~> "}""", "terraform-version")]
    [InlineData("""{"terraform-version":"1.11.4, rm -rf"}""", "terraform-version")]
    [InlineData("""{"execution-mode":"agent"}""", "agent-pool-id")]
    [InlineData("""{"execution-mode":"agent","agent-pool-id":"apool-0000000000000000"}""", "agent-pool-id")]
    [InlineData("""{"execution-mode":""}""", "execution-mode")]
    [InlineData("""{"execution-mode":"remote","operations":false}""", "operations")]
    [InlineData("""{"setting-overwrites":7}""", "setting-overwrites")]
    [InlineData("""{"setting-overwrites":{"execution-mode":"yes"}}""", "setting-overwrites/execution-mode")]
    [InlineData("""{"vcs-repo":{"identifier":"acme/network"}}""", "vcs-repo")]
    [InlineData("""{"assessments-enabled":true}""", "assessments-enabled")]
    [InlineData("""{"auto-destroy-at":"2026-01-01T00:00:00Z"}""", "auto-destroy-at")]
    [InlineData("""{"auto-destroy-activity-duration":"14d"}""", "auto-destroy-activity-duration")]
    [InlineData("""{"name":"with.dot"}""", "name")]
    [InlineData("""{"name":"with/slash"}""", "name")]
    [InlineData("""{"name":"with%2fslash"}""", "name")]
    [InlineData("""{"name":null}""", "name")]
    public async Task A_change_that_cannot_be_is_refused_whole(string attributes, string attribute)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var wanted = JsonNode.Parse(attributes)!.AsObject();
        wanted["description"] = "changed";

        var refused = (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", wanted))).ExpectError(422);

        Assert.StartsWith($"/data/attributes/{attribute}", refused.Pointer, StringComparison.Ordinal);
        Assert.Null((await workspace.ReadAsync()).Attributes["description"]);
    }

    [Fact]
    public async Task What_is_taken_away_explicitly_is_as_good_as_never_there()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        // As the client sends it to remove a repository.
        await UpdateAsync(platform, workspace, new JsonObject
        {
            ["vcs-repo"] = null, ["assessments-enabled"] = false, ["auto-destroy-at"] = null, ["auto-destroy-activity-duration"] = null,
        });
    }

    [Theory, EachDatabase]
    public async Task A_workspace_remembers_what_made_it(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["source-name"] = "a script", ["source-url"] = "https://example.com/script" });

        var attributes = (await workspace.ReadAsync()).Attributes;

        Assert.Equal(("tfe-api", "a script", "https://example.com/script"),
            (attributes["source"]!.GetValue<string>(), attributes["source-name"]!.GetValue<string>(), attributes["source-url"]!.GetValue<string>()));
        Assert.Equal("a script", (await UpdateAsync(platform, workspace, new JsonObject { ["source-name"] = "another" })).Attributes["source-name"]!.GetValue<string>());
    }

    [Theory, EachDatabase]
    public async Task A_workspace_is_renamed_onto_a_free_name_alone(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var other = await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        var free = TestWorkspace.NewName("free");
        Task<Answer> Rename(string name) => platform.Api.PatchAsync(
            $"organizations/{workspace.Organization}/workspaces/{workspace.Name}", ApiClient.Document("workspaces", new JsonObject { ["name"] = name }));

        var taken = (await Rename(other.Name)).ExpectError(422);
        Assert.Equal(("/data/attributes/name", "Name has already been taken"), (taken.Pointer, taken.Error["detail"]!.GetValue<string>()));
        Assert.Equal(workspace.Id, (await Rename(free)).Expect(200).Id);
        (await platform.Api.GetAsync($"organizations/{workspace.Organization}/workspaces/{workspace.Name}")).ExpectError(404);
        Assert.Equal(workspace.Id, (await platform.Api.GetAsync($"organizations/{workspace.Organization}/workspaces/{free}")).Expect(200).Id);
    }

    [Theory, EachDatabase]
    public async Task Of_many_who_create_or_rename_to_one_name_at_once_one_gets_it(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspaces = new[] { await TestWorkspace.CreateAsync(platform.Api) };
        var organization = workspaces[0].Organization;
        workspaces = [workspaces[0], await TestWorkspace.CreateAsync(platform.Api, organization: organization), await TestWorkspace.CreateAsync(platform.Api, organization: organization)];
        var name = TestWorkspace.NewName("race");
        JsonObject Named() => ApiClient.Document("workspaces", new JsonObject { ["name"] = name });

        var answers = await Task.WhenAll(
            [
                .. Enumerable.Range(0, 4).Select(_ => platform.Api.PostAsync($"organizations/{organization}/workspaces", Named())),
                .. workspaces.Select(workspace => platform.Api.PatchAsync($"workspaces/{workspace.Id}", Named())),
            ]);

        Assert.Single(answers, answer => answer.Status is 200 or 201);
        Assert.All(answers.Where(answer => answer.Status is not (200 or 201)), answer => Assert.Equal("/data/attributes/name", answer.ExpectError(422).Pointer));
    }

    [Theory, EachDatabase]
    public async Task A_project_of_another_organization_is_no_project(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var foreign = await ProjectTests.CreateAsync(platform, await OrganizationTests.CreateAsync(platform), "Foreign");
        var own = await ProjectTests.CreateAsync(platform, workspace.Organization, "Own one");

        var created = await platform.Api.PostAsync($"organizations/{workspace.Organization}/workspaces", ApiClient.Document(
            "workspaces", new JsonObject { ["name"] = TestWorkspace.NewName("ws") }, ("project", "projects", foreign)));
        var moved = await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", null, ("project", "projects", foreign)));

        Assert.Equal("/data/relationships/project", created.ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/project", moved.ExpectError(422).Pointer);
        Assert.Equal(own, (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document(
            "workspaces", null, ("project", "projects", own)))).Expect(200).RelatedId("project"));
    }

    [Theory, EachDatabase]
    public async Task A_workspace_tells_how_its_last_runs_went(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var before = (await workspace.ReadAsync()).Attributes;
        Assert.All(new[] { "workspace-kpis-runs-count", "plan-duration-average", "run-failures", "policy-check-failures" }, name => Assert.Null(before[name]));
        await workspace.UploadSampleAsync("hello");
        await workspace.ApplyAsync();
        await workspace.UploadAsync("resource {");
        await (await workspace.StartAsync()).ReachAsync("errored");

        var after = (await Wait.ForAsync("the figures of both runs", async () =>
            await workspace.ReadAsync() is var read && read.Attributes["workspace-kpis-runs-count"]?.GetValue<int>() == 2 ? read : null)).Attributes;

        Assert.Equal(1, after["run-failures"]!.GetValue<int>());
        Assert.InRange(after["plan-duration-average"]!.GetValue<int>(), 1, 60_000);
        Assert.InRange(after["apply-duration-average"]!.GetValue<int>(), 1, 60_000);
        Assert.True(string.CompareOrdinal(after["latest-change-at"]!.GetValue<string>(), before["latest-change-at"]!.GetValue<string>()) > 0);
    }

    [Theory, EachDatabase]
    public async Task A_constraint_is_met_by_the_workers_version_or_the_run_says_so(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["terraform-version"] = ">= 1.5, < 2.0" });
        await workspace.UploadSampleAsync("hello");
        await (await workspace.StartAsync()).ReachAsync("planned");
        var other = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["terraform-version"] = "~> 1.5.0" });
        await other.UploadSampleAsync("hello");

        var run = await other.StartAsync();
        await run.ReachAsync("errored");

        Assert.Contains("~> 1.5.0", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    private static async Task<Answer> UpdateAsync(Platform platform, TestWorkspace workspace, JsonObject attributes) =>
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", attributes))).Expect(200);
}
