using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;
using static Orchestrator.Web.Tests.Support.TestVariableSets;

namespace Orchestrator.Web.Tests.Api;

/// <summary>Variable sets as the API's clients make, assign and read them.</summary>
public sealed class VariableSetTests
{
    [Theory, EachDatabase]
    public async Task The_documents_of_a_variable_set_are_as_committed(DatabaseProvider provider)
    {
        var (platform, workspace, project) = await ArriveAsync(provider);
        var names = new Dictionary<string, string> { [workspace.Organization] = "<organization>", [workspace.Name] = "<workspace>" };
        var created = (await platform.Api.PostSetAsync(
            workspace.Organization, "accounts", new JsonObject { ["description"] = "Where things are", ["priority"] = true },
            ("vars", new JsonArray(Variable("region", "eu"), Variable("zones", "[1, 2]", hcl: true), Variable("TOKEN", "never told", "env", sensitive: true))),
            ("workspaces", References("workspaces", workspace.Id)), ("projects", References("projects", project)))).Expect(201);
        var owned = (await platform.Api.PostSetAsync(
            workspace.Organization, "of the project", null, ("parent", References("projects", project)[0]!.DeepClone()))).Expect(201);

        CommittedDocument.Compare("varset", created.Json, names);
        CommittedDocument.Compare("varset", (await platform.Api.GetAsync($"varsets/{created.Id}")).Expect(200).Json, names);
        CommittedDocument.Compare("varset-owned", owned.Json, names);
        var withVariables = (await platform.Api.GetAsync($"varsets/{created.Id}?include=vars,stacks")).Expect(200).Json;
        // What is included comes in no order.
        withVariables["included"] = new JsonArray([.. withVariables["included"]!.AsArray()
            .OrderBy(resource => resource!["attributes"]!["key"]!.GetValue<string>(), StringComparer.Ordinal).Select(resource => resource!.DeepClone())]);
        CommittedDocument.Compare("varset-included", withVariables, names);
        CommittedDocument.Compare("varsets", (await platform.Api.GetAsync($"organizations/{workspace.Organization}/varsets")).Expect(200).Json, names);
        CommittedDocument.Compare("varset-vars", (await platform.Api.GetAsync($"varsets/{created.Id}/relationships/vars")).Expect(200).Json, names);
        Assert.DoesNotContain("never told", created.Text, StringComparison.Ordinal);
        var included = (await platform.Api.GetAsync($"varsets/{created.Id}?include=workspaces,projects")).Expect(200).Json["included"]!.AsArray();
        Assert.Equal([workspace.Id, project], included.Select(resource => resource!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Who_changes_a_set_gets_what_is_asked_for_beside_it()
    {
        var (platform, workspace, _) = await ArriveAsync(DatabaseProvider.Sqlite);
        var set = await platform.Api.CreateSetAsync(workspace.Organization, "set", null);
        var change = ApiClient.Document("varsets", new JsonObject { ["global"] = false });
        change["data"]!["relationships"] = new JsonObject { ["workspaces"] = new JsonObject { ["data"] = References("workspaces", workspace.Id) } };

        var changed = (await platform.Api.PatchAsync($"varsets/{set}?include=workspaces", change)).Expect(200);

        Assert.Equal(workspace.Name, changed.Json["included"]!.AsArray().Single()!["attributes"]!["name"]!.GetValue<string>());
        // It is done, so what cannot be included is no reason to say that it failed.
        Assert.Null((await platform.Api.PatchAsync($"varsets/{set}?include=nothing_of_the_kind", change)).Expect(200).Json["included"]);
    }

    [Fact]
    public async Task Variables_of_workspaces_are_listed_as_far_as_the_caller_may_read_them()
    {
        var (platform, workspace, _) = await ArriveAsync(DatabaseProvider.Sqlite);
        var hidden = await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        await workspace.SetAsync("shown", "value");
        await hidden.SetAsync("hidden", "value");
        var team = await platform.TeamAsync(workspace.Organization);
        await platform.GiveAsync(team, workspace, Orchestrator.Access.WorkspaceAccessLevel.Write);
        using var caller = await platform.CallerAsync(team);
        async Task<IEnumerable<string>> KeysAsync(ApiClient api, string query) => (await api.GetAsync($"vars{query}")).Expect(200).Json["data"]!.AsArray()
            .Select(row => row!["attributes"]!["key"]!.GetValue<string>()).Order(StringComparer.Ordinal);
        var organization = $"?filter%5Borganization%5D%5Bname%5D={workspace.Organization}";

        Assert.Equal(["shown"], await KeysAsync(caller, ""));
        Assert.Equal(["shown"], await KeysAsync(caller, organization));
        Assert.Equal(["hidden", "shown"], await KeysAsync(platform.Api, organization));
        (await caller.GetAsync($"vars{organization}&filter%5Bworkspace%5D%5Bname%5D={hidden.Name}")).ExpectError(404);
        var attributes = new JsonObject { ["key"] = "another", ["value"] = "x", ["category"] = "env" };
        (await caller.PostAsync("vars", ApiClient.Document("vars", attributes.DeepClone().AsObject(), ("workspace", "workspaces", workspace.Id)))).Expect(201);
        Assert.Equal("/data/relationships/workspace", (await caller.PostAsync("vars", ApiClient.Document(
            "vars", attributes, ("workspace", "workspaces", hidden.Id)))).ExpectError(422).Pointer);
    }

    [Theory, EachDatabase]
    public async Task The_effective_variables_tell_who_won_and_what_was_overridden(DatabaseProvider provider)
    {
        var (platform, workspace, _) = await ArriveAsync(provider);
        await workspace.SetAsync("region", "of the workspace");
        await workspace.SetAsync("password", "planted-secret-of-the-workspace", sensitive: true);
        await workspace.SetAsync("LEVEL", "workspace", "env");
        await platform.Api.CreateSetAsync(workspace.Organization, "common", new JsonObject { ["global"] = true },
            ("vars", new JsonArray(Variable("region", "of the set"), Variable("password", "plain-of-the-set"), Variable("zones", "[1]", hcl: true))));
        await platform.Api.CreateSetAsync(workspace.Organization, "forced", new JsonObject { ["priority"] = true },
            ("vars", new JsonArray(Variable("LEVEL", "planted-secret-of-the-set", "env", sensitive: true))), ("workspaces", References("workspaces", workspace.Id)));

        var effective = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/effective-vars")).Expect(200);
        var all = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/all-vars")).Expect(200);

        CommittedDocument.Compare("effective-vars", effective.Json, new Dictionary<string, string> { [workspace.Organization] = "<organization>" });
        Assert.DoesNotContain("hidden", effective.Text + all.Text, StringComparison.Ordinal);
        Assert.Equal(
            [("LEVEL", null), ("password", null), ("region", "of the workspace"), ("zones", "[1]")],
            all.Json["data"]!.AsArray().Select(row => (row!["attributes"]!["key"]!.GetValue<string>(), row["attributes"]!["value"]?.GetValue<string>())).Order());
        // A client that reads all of them expects a workspace there, or nothing.
        Assert.All(all.Json["data"]!.AsArray(), row =>
            Assert.Contains(row!["relationships"]!["configurable"]!["data"]?["type"]?.GetValue<string>(), new[] { null, "workspaces" }));
    }

    [Theory, EachDatabase]
    public async Task A_set_is_assigned_as_the_go_client_does(DatabaseProvider provider)
    {
        var (platform, workspace, project) = await ArriveAsync(provider);
        var second = await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        var set = await platform.Api.CreateSetAsync(workspace.Organization, "set", new JsonObject { ["global"] = true });
        JsonObject To(params string[] workspaces) => Document(new JsonObject { ["global"] = false }, ("workspaces", References("workspaces", workspaces)));

        var updated = (await platform.Api.PatchAsync($"varsets/{set}?include=workspaces", To(workspace.Id))).Expect(200);
        Assert.Equal([workspace.Id], Ids(updated, "workspaces"));
        (await platform.Api.SendListAsync(HttpMethod.Post, $"varsets/{set}/relationships/workspaces", References("workspaces", second.Id, workspace.Id))).Expect(204);
        Assert.Equal(new[] { workspace.Id, second.Id }.Order(), Ids(await platform.Api.GetAsync($"varsets/{set}"), "workspaces").Order());
        (await platform.Api.SendListAsync(HttpMethod.Delete, $"varsets/{set}/relationships/workspaces", References("workspaces", workspace.Id))).Expect(204);
        (await platform.Api.SendListAsync(HttpMethod.Delete, $"varsets/{set}/relationships/workspaces", References("workspaces", workspace.Id))).Expect(204);
        Assert.Equal([second.Id], Ids(await platform.Api.GetAsync($"varsets/{set}"), "workspaces"));
        Assert.Empty(Ids((await platform.Api.PatchAsync($"varsets/{set}?include=workspaces", To())).Expect(200), "workspaces"));

        (await platform.Api.SendListAsync(HttpMethod.Post, $"varsets/{set}/relationships/projects", References("projects", project))).Expect(204);
        Assert.Equal([project], Ids(await platform.Api.GetAsync($"varsets/{set}"), "projects"));
        Assert.Equal([set], await ListAsync(platform, $"workspaces/{workspace.Id}/varsets"));
        Assert.Equal([set], await ListAsync(platform, $"projects/{project}/varsets"));
        (await platform.Api.SendListAsync(HttpMethod.Delete, $"varsets/{set}/relationships/projects", References("projects", project))).Expect(204);
        Assert.Empty(await ListAsync(platform, $"workspaces/{workspace.Id}/varsets"));
        (await platform.Api.SendListAsync(HttpMethod.Post, $"varsets/{set}/relationships/stacks", [])).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task Sets_are_listed_searched_and_paged(DatabaseProvider provider)
    {
        var (platform, workspace, project) = await ArriveAsync(provider);
        var global = await platform.Api.CreateSetAsync(workspace.Organization, "Alpha", new JsonObject { ["global"] = true });
        var plain = await platform.Api.CreateSetAsync(workspace.Organization, "beta", null);
        var owned = await platform.Api.CreateSetAsync(workspace.Organization, "gamma", null, ("parent", References("projects", project)[0]!.DeepClone()));
        var ofOrganization = $"organizations/{workspace.Organization}/varsets";

        Assert.Equal(new[] { global, plain, owned }.Order(), (await ListAsync(platform, ofOrganization)).Order());
        Assert.Equal([global], await ListAsync(platform, $"{ofOrganization}?q=ALPH"));
        Assert.Equal([global], await ListAsync(platform, $"{ofOrganization}?filter%5Bglobal%5D=true"));
        Assert.Equal(new[] { global, plain }.Order(), (await ListAsync(platform, $"{ofOrganization}?scope=owned")).Order());
        Assert.Equal([owned], await ListAsync(platform, $"projects/{project}/varsets?scope=owned"));
        Assert.Equal([global], await ListAsync(platform, $"projects/{project}/varsets"));
        Assert.Equal([global], await ListAsync(platform, $"workspaces/{workspace.Id}/varsets"));
        var page = (await platform.Api.GetAsync($"{ofOrganization}?page%5Bnumber%5D=999&page%5Bsize%5D=2")).Expect(200).Json;
        Assert.Empty(page["data"]!.AsArray());
        Assert.Equal((999, 3), (page["meta"]!["pagination"]!["current-page"]!.GetValue<int>(), page["meta"]!["pagination"]!["total-count"]!.GetValue<int>()));
        (await platform.Api.GetAsync($"{ofOrganization}?include=nonsense")).ExpectError(400);
    }

    [Theory, EachDatabase]
    public async Task The_variables_of_a_set_are_made_changed_and_deleted(DatabaseProvider provider)
    {
        var (platform, workspace, _) = await ArriveAsync(provider);
        var set = await platform.Api.CreateSetAsync(workspace.Organization, "set", null);
        var path = $"varsets/{set}/relationships/vars";

        var created = (await platform.Api.PostAsync(path, new JsonObject { ["data"] = Variable("region", "eu") })).Expect(201);
        var changed = (await platform.Api.PatchAsync($"{path}/{created.Id}", ApiClient.Document("vars", new JsonObject { ["value"] = "us" }))).Expect(200);
        Assert.Equal(("region", "us", false), (changed.Attributes["key"]!.GetValue<string>(), changed.Attributes["value"]!.GetValue<string>(), changed.Attributes["hcl"]!.GetValue<bool>()));
        Assert.NotEqual(created.Attributes["version-id"]!.GetValue<string>(), changed.Attributes["version-id"]!.GetValue<string>());
        Assert.Equal("/data/attributes/key", (await platform.Api.PostAsync(path, new JsonObject { ["data"] = Variable("region", "eu") })).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/value", (await platform.Api.PostAsync(
            path, new JsonObject { ["data"] = Variable("TFC_AWS_RUN_ROLE_ARN", "no-arn", "env") })).ExpectError(422).Pointer);

        var described = (await platform.Api.PatchAsync($"{path}/{created.Id}", ApiClient.Document("vars", new JsonObject { ["description"] = "where" }))).Expect(200);
        Assert.Equal("us", described.Attributes["value"]!.GetValue<string>());
        var kept = (await platform.Api.PatchAsync($"{path}/{created.Id}", ApiClient.Document("vars", new JsonObject { ["sensitive"] = true }))).Expect(200);
        Assert.Equal((null, "where"), (kept.Attributes["value"]?.GetValue<string>(), kept.Attributes["description"]!.GetValue<string>()));

        // What one cannot see is not seen by asking in another way.
        foreach (var attributes in new[] { new JsonObject { ["sensitive"] = false }, new JsonObject { ["sensitive"] = false, ["value"] = null } })
        {
            Assert.Equal("/data/attributes/sensitive", (await platform.Api.PatchAsync($"{path}/{created.Id}", ApiClient.Document("vars", attributes))).ExpectError(422).Pointer);
        }
        Assert.Null((await platform.Api.GetAsync($"{path}/{created.Id}")).Expect(200).Attributes["value"]);
        (await platform.Api.DeleteAsync($"{path}/{created.Id}")).Expect(204);
        (await platform.Api.GetAsync($"{path}/{created.Id}")).ExpectError(404);
    }

    [Fact]
    public async Task What_a_set_cannot_be_is_refused_where_it_was_asked_for()
    {
        var (platform, workspace, project) = await ArriveAsync(DatabaseProvider.Sqlite);
        var organization = workspace.Organization;
        var owner = References("projects", project)[0]!;
        var owned = await platform.Api.CreateSetAsync(organization, "owned", null, ("parent", owner.DeepClone()));
        var global = await platform.Api.CreateSetAsync(organization, "global", new JsonObject { ["global"] = true }, ("vars", new JsonArray(Variable("region", "eu"))));
        JsonObject True(string name) => new() { [name] = true };

        Assert.Equal("/data/attributes/name", (await platform.Api.PostSetAsync(organization, "owned", null)).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/name", (await platform.Api.PostSetAsync(organization, new string('x', 91), null)).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/name", (await platform.Api.PatchAsync($"varsets/{owned}", Document(new JsonObject { ["name"] = null }))).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/global", (await platform.Api.PostSetAsync(organization, "x", True("global"), ("parent", owner.DeepClone()))).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/global", (await platform.Api.PatchAsync($"varsets/{owned}", Document(True("global")))).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/global", (await platform.Api.PostSetAsync(
            organization, "x", True("global"), ("vars", new JsonArray(Variable("region", "us"))))).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/vars/data/1/attributes/key", (await platform.Api.PostSetAsync(
            organization, "x", null, ("vars", new JsonArray(Variable("a", "1"), Variable("a", "2"))))).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/vars", (await platform.Api.PostSetAsync(organization, "x", null, ("vars", JsonValue.Create(7)))).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/parent", (await platform.Api.PatchAsync($"varsets/{global}", Document([], ("parent", owner.DeepClone())))).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/parent", (await platform.Api.PostSetAsync(
            organization, "x", null, ("parent", References("organizations", "another")[0]!.DeepClone()))).ExpectError(422).Pointer);
        Assert.Equal("/data", (await platform.Api.SendListAsync(
            HttpMethod.Post, $"varsets/{global}/relationships/workspaces", References("workspaces", workspace.Id))).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/workspaces", (await platform.Api.PatchAsync(
            $"varsets/{global}", Document([], ("workspaces", References("workspaces", workspace.Id))))).ExpectError(422).Pointer);
        // The same parent is no change, and PUT is PATCH.
        (await platform.Api.PatchAsync($"varsets/{owned}", Document([], ("parent", owner.DeepClone())))).Expect(200);
        (await platform.Api.SendTextAsync(HttpMethod.Put, $"varsets/{owned}", Document(new JsonObject { ["description"] = "put" }).ToJsonString())).Expect(200);
        Assert.Equal("put", (await platform.Api.GetAsync($"varsets/{owned}")).Attributes["description"]!.GetValue<string>());
        (await platform.Api.DeleteAsync($"varsets/{owned}")).Expect(204);
        (await platform.Api.GetAsync($"varsets/{owned}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task Nothing_of_another_organization_or_project_is_reached(DatabaseProvider provider)
    {
        var (platform, mine, project) = await ArriveAsync(provider);
        var (_, theirs, theirProject) = await ArriveAsync(provider);
        var second = (await platform.Api.PostAsync($"organizations/{mine.Organization}/projects", ApiClient.Document(
            "projects", new JsonObject { ["name"] = "Second" }))).Expect(201).Id;
        var outside = (await platform.Api.PostAsync($"organizations/{mine.Organization}/workspaces", ApiClient.Document(
            "workspaces", new JsonObject { ["name"] = "outside" }, ("project", "projects", second)))).Expect(201).Id;
        var set = await platform.Api.CreateSetAsync(mine.Organization, "mine", null);
        var owned = await platform.Api.CreateSetAsync(
            mine.Organization, "owned", null, ("parent", References("projects", project)[0]!.DeepClone()),
            ("projects", References("projects", project)), ("workspaces", References("workspaces", mine.Id)),
            ("vars", new JsonArray(Variable("password", "of-the-project", sensitive: true))));
        var variable = (await platform.Api.GetAsync($"varsets/{owned}/relationships/vars")).Json["data"]![0]!["id"]!.GetValue<string>();

        foreach (var (path, list) in new[]
        {
            ($"varsets/{set}/relationships/workspaces", References("workspaces", theirs.Id)),
            ($"varsets/{set}/relationships/projects", References("projects", theirProject)),
            ($"varsets/{owned}/relationships/workspaces", References("workspaces", outside)),
            ($"varsets/{owned}/relationships/projects", References("projects", second)),
        })
        {
            (await platform.Api.SendListAsync(HttpMethod.Post, path, list)).ExpectError(422);
        }
        Assert.Equal("/data/relationships/parent", (await platform.Api.PostSetAsync(
            mine.Organization, "x", null, ("parent", References("projects", theirProject)[0]!.DeepClone()))).ExpectError(422).Pointer);
        // A variable is where it is, whatever the address says.
        foreach (var path in new[] { $"workspaces/{mine.Id}/vars/{variable}", $"varsets/{set}/relationships/vars/{variable}", $"vars/{variable}" })
        {
            (await platform.Api.GetAsync(path)).ExpectError(404);
            (await platform.Api.PatchAsync(path, ApiClient.Document("vars", new JsonObject { ["value"] = "x" }))).ExpectError(404);
            (await platform.Api.DeleteAsync(path)).ExpectError(404);
        }
        Assert.Empty(await ListAsync(platform, $"workspaces/{theirs.Id}/varsets"));

        // Whoever takes a workspace out of the project does not take the project's secrets along.
        (await platform.Api.PatchAsync($"workspaces/{mine.Id}", ApiClient.Document("workspaces", null, ("project", "projects", second)))).Expect(200);
        Assert.Empty(await ListAsync(platform, $"workspaces/{mine.Id}/varsets"));
        Assert.Empty((await platform.Api.GetAsync($"workspaces/{mine.Id}/all-vars")).Expect(200).Json["data"]!.AsArray());
        Assert.Empty(Ids(await platform.Api.GetAsync($"varsets/{owned}"), "workspaces"));
    }

    [Theory, EachDatabase]
    public async Task Many_variables_of_a_workspace_are_changed_at_once_or_none(DatabaseProvider provider)
    {
        var (platform, workspace, _) = await ArriveAsync(provider);
        await workspace.SetAsync("a", "1");
        await workspace.SetAsync("b", "2");
        var ids = await ListAsync(platform, $"workspaces/{workspace.Id}/vars");
        JsonArray Edits(params (string Id, string Value)[] edits) => [.. edits.Select(edit => new JsonObject
        {
            ["type"] = "vars", ["id"] = edit.Id, ["attributes"] = new JsonObject { ["value"] = edit.Value },
        })];
        var path = $"workspaces/{workspace.Id}/relationships/vars";

        (await platform.Api.SendListAsync(HttpMethod.Patch, path, Edits((ids[0], "11"), (ids[1], "22")))).Expect(204);
        var refused = (await platform.Api.SendListAsync(HttpMethod.Patch, path, Edits((ids[0], "111"), (ids[1], new string('x', 300_000))))).ExpectError(422);
        Assert.Equal("/data/1/attributes/value", refused.Pointer);
        Assert.Equal("/data/0/id", (await platform.Api.SendListAsync(HttpMethod.Patch, path, Edits(("var-0000000000000000", "x")))).ExpectError(404).Pointer);
        (await platform.Api.SendListAsync(HttpMethod.Patch, path, [])).Expect(204);

        Assert.Equal(["11", "22"], (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Json["data"]!.AsArray().Select(row => row!["attributes"]!["value"]!.GetValue<string>()));
    }

    [Theory, EachDatabase]
    public async Task The_old_routes_of_variables_still_lead_to_a_workspaces(DatabaseProvider provider)
    {
        var (platform, workspace, _) = await ArriveAsync(provider);
        var filter = $"filter%5Borganization%5D%5Bname%5D={workspace.Organization}&filter%5Bworkspace%5D%5Bname%5D={workspace.Name}";
        var body = Variable("region", "eu");
        body["relationships"] = new JsonObject { ["workspace"] = new JsonObject { ["data"] = References("workspaces", workspace.Id)[0]!.DeepClone() } };

        var created = (await platform.Api.PostAsync("vars", new JsonObject { ["data"] = body })).Expect(201);
        (await platform.Api.PostAsync($"vars?{filter}", new JsonObject { ["data"] = Variable("zone", "a") })).Expect(201);
        Assert.Equal("us", (await platform.Api.PatchAsync($"vars/{created.Id}", ApiClient.Document("vars", new JsonObject { ["value"] = "us" }))).Expect(200).Attributes["value"]!.GetValue<string>());
        Assert.Equal(2, (await ListAsync(platform, $"vars?{filter}")).Count);
        (await platform.Api.DeleteAsync($"vars/{created.Id}")).Expect(204);
        (await platform.Api.GetAsync($"vars/{created.Id}")).ExpectError(404);
        Assert.Single(await ListAsync(platform, $"vars?{filter}"));
        (await platform.Api.GetAsync($"vars?filter%5Borganization%5D%5Bname%5D={workspace.Organization}&filter%5Bworkspace%5D%5Bname%5D=nobody")).ExpectError(404);
        Assert.Equal("/data/relationships/workspace", (await platform.Api.PostAsync("vars", new JsonObject { ["data"] = Variable("x", "y") })).ExpectError(422).Pointer);
    }

    private static async Task<(Platform, TestWorkspace, string Project)> ArriveAsync(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        return (platform, workspace, (await workspace.ReadAsync()).RelatedId("project"));
    }

    private static async Task<IReadOnlyList<string>> ListAsync(Platform platform, string path) =>
        [.. (await platform.Api.GetAsync(path)).Expect(200).Json["data"]!.AsArray().Select(row => row!["id"]!.GetValue<string>())];

    private static IEnumerable<string> Ids(Answer answer, string relation) =>
        answer.Data["relationships"]![relation]!["data"]!.AsArray().Select(row => row!["id"]!.GetValue<string>());
}
