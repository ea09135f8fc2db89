using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>The documents of the API, member by member, as its clients have come to rely on them.</summary>
public sealed class DocumentTests
{
    [Theory, EachDatabase]
    public async Task The_documents_of_an_organization_are_as_committed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var name = TestWorkspace.NewName("org");
        var names = new Dictionary<string, string> { [name] = "<organization>" };
        var created = (await platform.Api.PostAsync("organizations", ApiClient.Document(
            "organizations", new JsonObject { ["name"] = name, ["email"] = "admin@example.com" }))).Expect(201);
        var project = (await platform.Api.PostAsync($"organizations/{name}/projects", ApiClient.Document(
            "projects", new JsonObject { ["name"] = "Second Project", ["description"] = "A place for more" }))).Expect(201);

        CommittedDocument.Compare("organization-new", created.Json, names);
        CommittedDocument.Compare("organization", (await platform.Api.GetAsync($"organizations/{name}")).Expect(200).Json, names);
        CommittedDocument.Compare("entitlement-set", (await platform.Api.GetAsync($"organizations/{name}/entitlement-set")).Expect(200).Json, names);
        CommittedDocument.Compare("project", project.Json, names);
        CommittedDocument.Compare("project", (await platform.Api.GetAsync($"projects/{project.Id}")).Expect(200).Json, names);
        CommittedDocument.Compare("projects", (await platform.Api.GetAsync($"organizations/{name}/projects?page%5Bsize%5D=1")).Expect(200).Json, names);
    }

    [Theory, EachDatabase]
    public async Task The_documents_of_a_workspace_are_as_committed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["description"] = "Says hello" });
        var names = NamesOf(workspace);

        CommittedDocument.Compare("workspace-new", (await workspace.ReadAsync()).Json, names);
        CommittedDocument.Compare("workspace-new",
            (await platform.Api.GetAsync($"organizations/{workspace.Organization}/workspaces/{workspace.Name}")).Expect(200).Json, names);
        CommittedDocument.Compare("workspaces",
            (await platform.Api.GetAsync($"organizations/{workspace.Organization}/workspaces")).Expect(200).Json, names);
        CommittedDocument.Compare("workspace-locked",
            (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock", new JsonObject { ["reason"] = "for maintenance" })).Expect(200).Json, names);
    }

    [Theory, EachDatabase]
    public async Task The_documents_of_variables_are_as_committed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("plain", "a value");
        await workspace.SetAsync("list", "[1, 2]", hcl: true);
        await workspace.SetAsync("SECRET", "never told", "env", sensitive: true);

        CommittedDocument.Compare("vars", (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Expect(200).Json, NamesOf(workspace));
    }

    [Theory, EachDatabase]
    public async Task The_documents_of_a_run_are_as_committed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var names = NamesOf(workspace);
        var (pending, _) = await workspace.AnnounceAsync();
        CommittedDocument.Compare("configuration-version-pending", (await platform.Api.GetAsync($"configuration-versions/{pending}")).Expect(200).Json, names);
        var configuration = await workspace.UploadSampleAsync("hello");
        CommittedDocument.Compare("configuration-version-uploaded", (await platform.Api.GetAsync($"configuration-versions/{configuration}")).Expect(200).Json, names);

        var run = await workspace.StartAsync(new JsonObject { ["message"] = "Say hello", ["target-addrs"] = new JsonArray("terraform_data.greeting[0]") });
        await run.ReachAsync("planned");
        CommittedDocument.Compare("run-planned", (await run.ReadAsync()).Json, names);
        CommittedDocument.Compare("plan-finished", (await run.PlanAsync()).Json, names);
        CommittedDocument.Compare("plan-finished", (await platform.Api.GetAsync($"runs/{run.Id}/plan")).Expect(200).Json, names);
        CommittedDocument.Compare("apply-pending", (await run.ApplyAsync()).Json, names);

        (await run.ActAsync("apply", "Go ahead")).Expect(202);
        await run.ReachAsync("applied");
        CommittedDocument.Compare("run-applied", (await run.ReadAsync()).Json, names);
        CommittedDocument.Compare("apply-finished", (await run.ApplyAsync()).Json, names);
        CommittedDocument.Compare("runs", (await platform.Api.GetAsync($"workspaces/{workspace.Id}/runs")).Expect(200).Json, names);
        var events = (await platform.Api.GetAsync($"runs/{run.Id}/run-events")).Expect(200).Json;
        CommittedDocument.Compare("run-events", events, names);
        var comments = (await platform.Api.GetAsync($"runs/{run.Id}/comments")).Expect(200).Json;
        CommittedDocument.Compare("comments", comments, names);
        CommittedDocument.Compare("run-event", (await platform.Api.GetAsync(
            $"run-events/{comments["data"]![0]!["relationships"]!["run-event"]!["data"]!["id"]}")).Expect(200).Json, names);
        CommittedDocument.Compare("organization-runs", (await platform.Api.GetAsync($"organizations/{workspace.Organization}/runs")).Expect(200).Json, names);
        var applied = (await workspace.ReadAsync()).Json;
        foreach (var measured in new[] { "plan-duration-average", "apply-duration-average" })
        {
            Assert.NotNull(applied["data"]!["attributes"]![measured]);
            applied["data"]!["attributes"]![measured] = "<milliseconds>";
        }
        CommittedDocument.Compare("workspace-applied", applied, names);
        var state = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200).Json;
        // They depend on how often terraform delivered a snapshot, and on the state's random ids.
        foreach (var differing in new[] { "serial", "lineage", "size" })
        {
            Assert.NotNull(state["data"]!["attributes"]![differing]);
            state["data"]!["attributes"]![differing] = $"<{differing}>";
        }
        CommittedDocument.Compare("state-version", state, names);
    }

    [Theory, EachDatabase]
    public async Task The_documents_of_a_failure_are_as_committed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var names = NamesOf(workspace);
        var (broken, url) = await workspace.AnnounceAsync();
        var refused = await platform.Anonymous.PutAsync(url, "not an archive"u8.ToArray());
        await workspace.UploadAsync("resource {");
        var run = await workspace.StartAsync();
        await run.ReachAsync("errored");

        CommittedDocument.Compare("error-archive", refused.ExpectError(422).Json, names);
        CommittedDocument.Compare("configuration-version-errored", (await platform.Api.GetAsync($"configuration-versions/{broken}")).Expect(200).Json, names);
        CommittedDocument.Compare("run-errored", (await run.ReadAsync()).Json, names);
        CommittedDocument.Compare("plan-errored", (await run.PlanAsync()).Json, names);
        CommittedDocument.Compare("error-not-found", (await platform.Api.GetAsync("runs/run-0000000000000000")).ExpectError(404).Json, names);
        CommittedDocument.Compare("error-name", (await platform.Api.PostAsync(
            "organizations", ApiClient.Document("organizations", new JsonObject { ["name"] = "not a name" }))).ExpectError(422).Json, names);
        CommittedDocument.Compare("error-confirm", (await run.ActAsync("apply")).ExpectError(409).Json, names);
    }

    [Fact]
    public async Task The_documents_for_other_programs_are_as_committed()
    {
        var platform = await SharedPlatforms.OfAsync();
        var names = new Dictionary<string, string>();

        CommittedDocument.Compare("discovery", (await platform.Anonymous.GetAsync("/.well-known/openid-configuration")).Expect(200).Json, names);
        CommittedDocument.Compare("terraform", (await platform.Anonymous.GetAsync("/.well-known/terraform.json")).Expect(200).Json, names);
    }

    [Fact]
    public async Task The_key_set_that_the_discovery_document_names_holds_public_keys_alone()
    {
        var platform = await SharedPlatforms.OfAsync();
        var discovery = (await platform.Anonymous.GetAsync("/.well-known/openid-configuration")).Expect(200);
        var address = discovery.Json["jwks_uri"]!.GetValue<string>();

        var keys = (await platform.Anonymous.GetAsync(address)).Expect(200);

        Assert.Equal("application/json", keys.ContentHeaders.ContentType!.MediaType);
        Assert.NotEmpty(keys.Json["keys"]!.AsArray());
        Assert.All(keys.Json["keys"]!.AsArray(), key => Assert.Equal(
            ["alg", "e", "kid", "kty", "n", "use"], key!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal)));
        Assert.Equal(platform.Address.ToString().TrimEnd('/'), discovery.Json["issuer"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_server_says_that_it_is_alive_and_ready()
    {
        var platform = await SharedPlatforms.OfAsync();

        (await platform.Anonymous.GetAsync("/healthz")).Expect(200);
        Assert.Equal("fine", (await platform.Anonymous.GetAsync("/healthz/database")).Expect(200).Json["database"]!.GetValue<string>());
        var ready = (await platform.Anonymous.GetAsync("/readyz")).Expect(200).Json;
        Assert.Equal("ok", ready["database"]!.GetValue<string>());
        Assert.Equal("ok", ready["engine"]!.GetValue<string>());
        var sandbox = platform.Get<Orchestrator.Terraform.Sandbox>();
        Assert.Equal(sandbox.IsActive ? "ok" : "off", ready["sandbox"]!.GetValue<string>());
        Assert.Equal(sandbox.Network.Metadata ? "blocked" : "open", ready["metadata"]!.GetValue<string>());
        Assert.Equal("open", ready["private-addresses"]!.GetValue<string>());
    }

    private static Dictionary<string, string> NamesOf(TestWorkspace workspace) => new()
    {
        [workspace.Organization] = "<organization>",
        [workspace.Name] = "<workspace>",
    };
}
