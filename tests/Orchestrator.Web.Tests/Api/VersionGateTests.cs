using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>What clients look at before they do something, and how older and other ones call: each as it was recorded, for only one version
/// of terraform is installed here.</summary>
public sealed class VersionGateTests
{
    private const string One = """resource "terraform_data" "one" { input = "hello" }""";

    [Theory]
    [InlineData("2.3", "-target in the remote backend")]
    [InlineData("2.4", "-replace, -refresh=false and -refresh-only in the remote backend")]
    [InlineData("2.5", "the cloud block, and OpenTofu's")]
    [InlineData("2.6", "import blocks in a run")]
    public async Task The_version_of_the_api_unlocks(string version, string feature)
    {
        var platform = await SharedPlatforms.OfAsync();

        var ping = (await platform.Api.GetAsync("ping")).Expect(204);

        Assert.True(Version.Parse(Header(ping, "TFP-API-Version")) >= Version.Parse(version), feature);
    }

    [Fact]
    public async Task No_client_draws_plans_whose_log_has_them_already()
    {
        var platform = await SharedPlatforms.OfAsync();

        var ping = (await platform.Api.GetAsync("ping")).Expect(204);

        // Another name, or this one with a release from 2023-02 on, or one that is no such number.
        Assert.Equal("Terraform Enterprise", Header(ping, "TFP-AppName"));
        Assert.True(int.Parse(Header(ping, "X-TFE-Version")[1..].Split('-')[0], CultureInfo.InvariantCulture) < 202302);
        // Newer clients of the API would take a number for the version instead.
        Assert.False(ping.Headers.Contains("X-TFE-Current-Version"));
    }

    [Fact]
    public async Task Every_generation_finds_its_service_and_no_limits_on_its_own_version()
    {
        var platform = await SharedPlatforms.OfAsync();

        var services = (await platform.Anonymous.GetAsync("/.well-known/terraform.json")).Expect(200).Json.AsObject();

        // The cloud block; the remote backend and terraform_remote_state; the tfe provider; a remote backend that is made to run locally.
        foreach (var service in new[] { "tfe.v2", "tfe.v2.1", "tfe.v2.2", "state.v2" })
        {
            Assert.Equal("/api/v2/", services[service]!.GetValue<string>());
        }
        Assert.False(services.ContainsKey("versions.v1"));
    }

    [Fact]
    public async Task An_organization_is_entitled_to_run_remotely()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var entitled = (await platform.Api.GetAsync($"organizations/{workspace.Organization}/entitlement-set")).Expect(200);

        // Without the first, terraform would carry out everything on its user's machine without a word.
        Assert.True(entitled.Attributes["operations"]!.GetValue<bool>());
        Assert.True(entitled.Attributes["state-storage"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("1.3.10")]
    [InlineData("1.14.0")]
    [InlineData("1.12.0-beta1")]
    public async Task A_cloud_block_of_another_version_makes_a_workspace_with_the_version_that_is_there(string version)
    {
        var platform = await SharedPlatforms.OfAsync();
        var beside = await TestWorkspace.CreateAsync(platform.Api);
        var name = TestWorkspace.NewName("ws");
        var cli = new Client(platform, version, "cloud");

        var created = (await cli.SendAsync(HttpMethod.Post, $"organizations/{beside.Organization}/workspaces",
            ApiClient.Document("workspaces", new JsonObject { ["name"] = name }))).Expect(201);
        // It says that its version is not there, and goes on.
        var refused = (await cli.SendAsync(HttpMethod.Patch, $"workspaces/{created.Id}", Wanting(version))).ExpectError(422);

        Assert.Contains(platform.Get<TerraformEngine>().Version, refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("latest", (await platform.Api.GetAsync($"workspaces/{created.Id}")).Attributes["terraform-version"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_version_is_taken_from_whoever_has_it_and_from_whoever_means_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var installed = platform.Get<TerraformEngine>().Version;

        (await new Client(platform, installed, "cloud").SendAsync(HttpMethod.Patch, $"workspaces/{workspace.Id}", Wanting(installed))).Expect(200);
        Assert.Equal(installed, (await workspace.ReadAsync()).Attributes["terraform-version"]!.GetValue<string>());
        // Its own workers may have it.
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", Wanting("1.3.10"))).Expect(200);
        Assert.Equal("1.3.10", (await workspace.ReadAsync()).Attributes["terraform-version"]!.GetValue<string>());
    }

    /// <summary>Terraform 0.13 to 1.0: no <c>cloud</c> block yet. The run has no <c>auto-apply</c>, the client confirms.</summary>
    [Fact]
    public async Task The_remote_backend_of_an_older_terraform_plans_and_applies()
    {
        var platform = await SharedPlatforms.OfAsync();
        var beside = await TestWorkspace.CreateAsync(platform.Api);
        var name = TestWorkspace.NewName("app");
        var cli = new Client(platform, "1.0.11", integration: null);
        Assert.Empty((await cli.GetAsync($"organizations/{beside.Organization}/workspaces?search%5Bname%5D={name}")).Expect(200).Json["data"]!.AsArray());
        (await cli.GetAsync($"organizations/{beside.Organization}/workspaces/{name}")).ExpectError(404);

        // A refusal of the version would be the end of its init.
        var workspace = (await cli.SendAsync(HttpMethod.Post, $"organizations/{beside.Organization}/workspaces",
            ApiClient.Document("workspaces", new JsonObject { ["name"] = name, ["terraform-version"] = "1.0.11" }))).Expect(201);
        var run = await cli.StartAsync(workspace.Id, new JsonObject { ["auto-queue-runs"] = false, ["speculative"] = false }, new JsonObject { ["refresh"] = true });
        (await cli.GetAsync($"runs/{run.Id}?include=task_stages")).Expect(200);
        var planned = await run.ReachAsync("planned");
        Assert.Equal("terraform", planned.Attributes["source"]!.GetValue<string>());
        Assert.True(planned.Attributes["actions"]!["is-confirmable"]!.GetValue<bool>());
        Assert.True(planned.Attributes["permissions"]!["can-apply"]!.GetValue<bool>());
        (await cli.SendAsync(HttpMethod.Post, $"runs/{run.Id}/actions/apply", new JsonObject())).Expect(202);
        await run.ReachAsync("applied");

        // It shows no outputs of a state but reads all of it.
        var state = (await cli.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200);
        var raw = (await cli.GetAsync(state.Attributes["hosted-state-download-url"]!.GetValue<string>())).Expect(200);
        Assert.Contains("terraform_data", raw.Text, StringComparison.Ordinal);
        (await cli.SendAsync(HttpMethod.Delete, $"organizations/{beside.Organization}/workspaces/{name}")).Expect(204);
    }

    /// <summary>Terraform 1.1 and OpenTofu: flat tags, no saved plans, and a state that comes inside the announcement.</summary>
    [Fact]
    public async Task The_cloud_block_of_an_older_terraform_tags_plans_and_writes_its_state()
    {
        var platform = await SharedPlatforms.OfAsync();
        var beside = await TestWorkspace.CreateAsync(platform.Api);
        var name = TestWorkspace.NewName("ws");
        var cli = new Client(platform, "1.1.9", "cloud");
        var request = ApiClient.Document("workspaces", new JsonObject { ["name"] = name });
        request["data"]!["relationships"] = new JsonObject { ["tags"] = new JsonObject { ["data"] = Tags("app") } };
        var workspace = (await cli.SendAsync(HttpMethod.Post, $"organizations/{beside.Organization}/workspaces", request)).Expect(201);
        (await cli.SendAsync(HttpMethod.Post, $"workspaces/{workspace.Id}/relationships/tags", new JsonObject { ["data"] = Tags("net") })).Expect(204);
        var found = (await cli.GetAsync($"organizations/{beside.Organization}/workspaces?search%5Btags%5D=app%2Cnet")).Expect(200).Json["data"]!.AsArray();
        Assert.Equal(workspace.Id, Assert.Single(found)!["id"]!.GetValue<string>());

        var run = await cli.StartAsync(workspace.Id, new JsonObject { ["auto-queue-runs"] = false, ["speculative"] = true },
            new JsonObject { ["refresh"] = true, ["auto-apply"] = false, ["variables"] = new JsonArray() });
        Assert.Equal("terraform+cloud", (await run.ReachAsync("planned_and_finished")).Attributes["source"]!.GetValue<string>());

        (await cli.SendAsync(HttpMethod.Post, $"workspaces/{workspace.Id}/actions/lock",
            ApiClient.Document("", new JsonObject { ["reason"] = "Locked by Terraform" }))).Expect(200);
        var raw = Encoding.UTF8.GetBytes("""{"version":4,"terraform_version":"1.1.9","serial":1,"lineage":"line","outputs":{},"resources":[]}""");
#pragma warning disable CA5351 // The protocol's own checksum.
        var md5 = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(raw));
#pragma warning restore CA5351
        var state = (await cli.SendAsync(HttpMethod.Post, $"workspaces/{workspace.Id}/state-versions", ApiClient.Document("state-versions", new JsonObject
        {
            ["serial"] = 1, ["lineage"] = "line", ["md5"] = md5, ["force"] = false, ["state"] = Convert.ToBase64String(raw),
        }))).Expect(201);
        Assert.Equal("finalized", state.Attributes["status"]!.GetValue<string>());
        (await cli.SendAsync(HttpMethod.Post, $"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
    }

    private static JsonObject Wanting(string version) => ApiClient.Document("workspaces", new JsonObject { ["terraform-version"] = version });

    private static JsonArray Tags(string name) =>
        new(new JsonObject { ["type"] = "tags", ["attributes"] = new JsonObject { ["name"] = name } });

    private static string Header(Answer answer, string name) => Assert.Single(answer.Headers.GetValues(name));

    /// <summary>A terraform of some version, by what it says of itself.</summary>
    private sealed class Client(Platform platform, string version, string? integration)
    {
        public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

        public Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body = null) => platform.Api.SendAsync(
            method, path, new StringContent(body?.ToJsonString() ?? "", Encoding.UTF8, ApiClient.JsonApi), headers =>
            {
                headers.Add("User-Agent", "go-tfe");
                headers.Add("Terraform-Version", version);
                if (integration is not null)
                {
                    headers.Add("X-Terraform-Integration", integration);
                }
            });

        public async Task<TestRun> StartAsync(string workspace, JsonObject configuration, JsonObject options)
        {
            var announced = (await SendAsync(HttpMethod.Post, $"workspaces/{workspace}/configuration-versions",
                ApiClient.Document("configuration-versions", configuration))).Expect(201);
            (await platform.Anonymous.PutAsync(announced.Attributes["upload-url"]!.GetValue<string>(), Archive.Of(("main.tf", One)))).Expect(200);
            Assert.Equal("uploaded", (await GetAsync($"configuration-versions/{announced.Id}")).Expect(200).Attributes["status"]!.GetValue<string>());
            return new TestRun(platform.Api, (await SendAsync(HttpMethod.Post, "runs", ApiClient.Document(
                "runs", options, ("workspace", "workspaces", workspace), ("configuration-version", "configuration-versions", announced.Id)))).Expect(201));
        }
    }
}
