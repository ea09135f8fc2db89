using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Workspaces;

public sealed class WorkspaceListTests
{
    [Theory, EachDatabase]
    public async Task Workspaces_are_found_by_parts_of_their_names(DatabaseProvider provider)
    {
        var (platform, organization) = await WithAsync(provider, "app-prod", "app_dev", "App-Test", "network");

        await Finds(platform, organization, "search%5Bname%5D=app", "App-Test", "app-prod", "app_dev");
        await Finds(platform, organization, "search%5Bname%5D=PROD", "app-prod");
        await Finds(platform, organization, "search%5Bname%5D=%25");
        await Finds(platform, organization, "search%5Bwildcard-name%5D=app*", "App-Test", "app-prod", "app_dev");
        await Finds(platform, organization, "search%5Bwildcard-name%5D=*-prod", "app-prod");
        await Finds(platform, organization, "search%5Bwildcard-name%5D=*p-*", "App-Test", "app-prod");
        await Finds(platform, organization, "search%5Bwildcard-name%5D=app_*", "app_dev");
        await Finds(platform, organization, "search%5Bwildcard-name%5D=app", []);
        await Finds(platform, organization, "search%5Bwildcard-name%5D=%5C*", []);
    }

    [Theory, EachDatabase]
    public async Task Workspaces_are_sorted_as_asked_for(DatabaseProvider provider)
    {
        var (platform, organization) = await WithAsync(provider, "b", "a", "c");
        var a = (await platform.Api.GetAsync($"organizations/{organization}/workspaces/a")).Expect(200).Id;
        (await platform.Api.PatchAsync($"workspaces/{a}", ApiClient.Document("workspaces", new JsonObject { ["description"] = "changed" }))).Expect(200);

        await Finds(platform, organization, "sort=name", "a", "b", "c");
        await Finds(platform, organization, "sort=-name", "c", "b", "a");
        await Finds(platform, organization, "sort=-latest-change-at", "a", "c", "b");
        await Finds(platform, organization, "sort=current-run.created-at,name", "a", "b", "c");
        (await ListAsync(platform, organization, "sort=the-weather")).ExpectError(400);
    }

    [Theory, EachDatabase]
    public async Task Workspaces_are_found_by_their_tags(DatabaseProvider provider)
    {
        var (platform, organization) = await WithAsync(provider);
        await TaggedAsync(platform, organization, "one", null, "app", "env=prod");
        await TaggedAsync(platform, organization, "two", null, "app", "env=dev");
        await TaggedAsync(platform, organization, "three", null, "net");

        await Finds(platform, organization, "search%5Btags%5D=app", "one", "two");
        await Finds(platform, organization, "search%5Btags%5D=app,env", "one", "two");
        await Finds(platform, organization, "search%5Btags%5D=app,net", []);
        await Finds(platform, organization, "search%5Bexclude-tags%5D=app", "three");
        await Finds(platform, organization, "search%5Bexclude-tags%5D=net,nobody", "one", "two");
        await Finds(platform, organization, "filter%5Btagged%5D%5B0%5D%5Bkey%5D=env&filter%5Btagged%5D%5B0%5D%5Bvalue%5D=prod", "one");
        await Finds(platform, organization, "filter%5Btagged%5D%5B0%5D%5Bkey%5D=env", "one", "two");
        await Finds(platform, organization, "filter%5Btagged%5D%5B1%5D%5Bkey%5D=env&filter%5Btagged%5D%5B1%5D%5Bvalue%5D=dev&filter%5Btagged%5D%5B0%5D%5Bkey%5D=app", "two");
        // As the CLI sends it, with what it sends by mistake.
        await Finds(platform, organization, "TagBindings=%7B+env+prod%7D&filter%5Btagged%5D%5B0%5D%5Bkey%5D=env"
            + "&filter%5Btagged%5D%5B0%5D%5Bvalue%5D=prod&search%5Btags%5D=env&nonsense=1", "one");
        (await ListAsync(platform, organization, "search%5Btags%5D=" + string.Join(',', Enumerable.Range(0, 30)))).ExpectError(400);
    }

    [Theory, EachDatabase]
    public async Task A_projects_tag_counts_for_its_workspaces_unless_they_say_otherwise(DatabaseProvider provider)
    {
        var (platform, organization) = await WithAsync(provider);
        var project = await ProjectTests.CreateAsync(platform, organization, "Production");
        (await platform.Api.PatchAsync($"projects/{project}/tag-bindings", ApiLists.Of("tag-bindings", ApiLists.Tags("env=prod")))).Expect(200);
        await TaggedAsync(platform, organization, "inherits", project);
        await TaggedAsync(platform, organization, "differs", project, "env=dev");
        await TaggedAsync(platform, organization, "elsewhere", null, "env=prod");
        const string Production = "filter%5Btagged%5D%5B0%5D%5Bkey%5D=env&filter%5Btagged%5D%5B0%5D%5Bvalue%5D=prod";

        await Finds(platform, organization, Production, "elsewhere", "inherits");
        await Finds(platform, organization, $"filter%5Bproject%5D%5Bid%5D={project}&{Production}", "inherits");
        (await platform.Api.PostAsync($"organizations/{organization}/reserved-tag-keys", ApiClient.Document(
            "reserved-tag-keys", new JsonObject { ["key"] = "env", ["disable-overrides"] = true }))).Expect(201);
        await Finds(platform, organization, Production, "differs", "elsewhere", "inherits");
    }

    [Theory, EachDatabase]
    public async Task Workspaces_are_found_by_the_status_of_their_current_run(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        await workspace.UploadSampleAsync("hello");
        await (await workspace.StartAsync()).ReachAsync("planned");

        await Finds(platform, workspace.Organization, "filter%5Bcurrent-run%5D%5Bstatus%5D=applied,planned", workspace.Name);
        await Finds(platform, workspace.Organization, "filter%5Bcurrent-run%5D%5Bstatus%5D=applied", []);
        await Finds(platform, workspace.Organization, "filter%5Bcurrent-run%5D%5Bstatus%5D=dancing", []);
        Assert.Equal(workspace.Name, (await ListAsync(platform, workspace.Organization, "sort=-current-run.created-at")).Each().Single(name => name == workspace.Name));
    }

    private static async Task<(Platform Platform, string Organization)> WithAsync(DatabaseProvider provider, params string[] workspaces)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var organization = await OrganizationTests.CreateAsync(platform);
        foreach (var name in workspaces)
        {
            await TestWorkspace.CreateAsync(platform.Api, organization: organization, name: name);
        }
        return (platform, organization);
    }

    private static async Task TaggedAsync(Platform platform, string organization, string name, string? project, params string[] tags)
    {
        (string, string, string)[] relationships = project is null ? [] : [("project", "projects", project)];
        (await platform.Api.PostAsync($"organizations/{organization}/workspaces", ApiClient.Document(
            "workspaces", new JsonObject { ["name"] = name }, relationships).With("tag-bindings", ApiLists.Of("tag-bindings", ApiLists.Tags(tags))))).Expect(201);
    }

    private static Task<Answer> ListAsync(Platform platform, string organization, string query) =>
        platform.Api.GetAsync($"organizations/{organization}/workspaces?{query}");

    private static async Task Finds(Platform platform, string organization, string query, params string[] names) =>
        Assert.Equal(names, (await ListAsync(platform, organization, query)).Each());
}
