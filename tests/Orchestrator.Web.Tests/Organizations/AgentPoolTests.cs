using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Organizations;

public sealed class AgentPoolTests
{
    [Theory, EachDatabase]
    public async Task A_pool_is_made_changed_found_and_deleted(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var created = await CreateAsync(platform, workspace.Organization, "gpu");
        var path = $"organizations/{workspace.Organization}/agent-pools";

        CommittedDocument.Compare("agent-pool", created.Json, new Dictionary<string, string> { [workspace.Organization] = "<organization>" });
        Assert.Equal("/data/attributes/name", (await platform.Api.PostAsync(path, Named("gpu"))).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/name", (await platform.Api.PostAsync(path, Named("with/slash"))).ExpectError(422).Pointer);
        await CreateAsync(platform, workspace.Organization, "eu");
        Assert.Equal(["eu", "gpu"], (await platform.Api.GetAsync(path)).Each());
        Assert.Equal(["gpu"], (await platform.Api.GetAsync(path + "?q=GP")).Each());
        Assert.Equal("big", (await platform.Api.PatchAsync($"agent-pools/{created.Id}", Named("big"))).Expect(200).Attributes["name"]!.GetValue<string>());
        foreach (var (limit, shown) in new (JsonNode?, int?)[] { (2, 2), (null, null) })
        {
            var limited = (await platform.Api.PatchAsync(
                $"agent-pools/{created.Id}", ApiClient.Document("agent-pools", new JsonObject { ["max-concurrent-runs"] = limit }))).Expect(200);
            Assert.Equal(shown, limited.Attributes["max-concurrent-runs"]?.GetValue<int>());
        }
        (await platform.Api.DeleteAsync($"agent-pools/{created.Id}")).Expect(204);
        (await platform.Api.GetAsync($"agent-pools/{created.Id}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task A_pool_that_is_not_everybodys_is_open_to_those_it_names(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var inside = await TestWorkspace.CreateAsync(platform.Api);
        var outside = await TestWorkspace.CreateAsync(platform.Api, organization: inside.Organization);
        var stranger = await TestWorkspace.CreateAsync(platform.Api);
        var pool = (await CreateAsync(platform, inside.Organization, "own")).Id;
        Task<Answer> Allow(params string[] workspaces) => platform.Api.PatchAsync($"agent-pools/{pool}", ApiClient.Document(
            "agent-pools", new JsonObject { ["organization-scoped"] = false }).With("allowed-workspaces", ApiLists.Of("workspaces", workspaces)));
        Task<Answer> Use(TestWorkspace workspace) => platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document(
            "workspaces", new JsonObject { ["execution-mode"] = "agent", ["agent-pool-id"] = pool }));

        Assert.Equal("/data/relationships/allowed-workspaces", (await Allow(stranger.Id)).ExpectError(422).Pointer);
        (await Allow(inside.Id)).Expect(200);
        Assert.Equal("/data/attributes/agent-pool-id", (await Use(outside)).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/agent-pool-id", (await Use(stranger)).ExpectError(422).Pointer);
        var used = (await Use(inside)).Expect(200);

        Assert.Equal((pool, "agent"), (used.RelatedId("agent-pool"), used.Attributes["execution-mode"]!.GetValue<string>()));
        Assert.Equal(["own"], (await platform.Api.GetAsync(
            $"organizations/{inside.Organization}/agent-pools?filter%5Ballowed_workspaces%5D%5Bname%5D={inside.Name}")).Each());
        Assert.Empty((await platform.Api.GetAsync(
            $"organizations/{inside.Organization}/agent-pools?filter%5Ballowed_workspaces%5D%5Bname%5D={outside.Name}")).Each());
        (await platform.Api.DeleteAsync($"agent-pools/{pool}")).ExpectError(409);
        Assert.Equal("/data/attributes/default-agent-pool-id", (await platform.Api.PatchAsync(
            $"organizations/{inside.Organization}", ApiClient.Document("organizations", new JsonObject
            {
                ["default-execution-mode"] = "agent", ["default-agent-pool-id"] = pool,
            }))).ExpectError(422).Pointer);
    }

    [Fact]
    public async Task A_worker_for_a_pool_carries_out_its_runs_and_is_seen_there()
    {
        var platform = await SharedPlatforms.OfAsync(DatabaseProvider.PostgreSql);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var pool = (await CreateAsync(platform, workspace.Organization, "gpu")).Id;
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document(
            "workspaces", new JsonObject { ["execution-mode"] = "agent", ["agent-pool-id"] = pool }))).Expect(200);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        var directory = Directory.CreateTempSubdirectory("orchestrator-pool-test-").FullName;
        await using var worker = ServerProcess.Run(
            Path.Combine(directory, "data"), ["worker", "--urls", "http://127.0.0.1:0"],
            ("Orchestrator__Database__Provider", "PostgreSql"),
            ("Orchestrator__Database__ConnectionString", platform.Get<IOptions<DataOptions>>().Value.Database.ConnectionString!),
            ("Orchestrator__Worker__ApiAddress", platform.Address.ToString().TrimEnd('/')),
            ("Orchestrator__Issuer", platform.Address.ToString().TrimEnd('/')),
            ("Orchestrator__IssuerIsElsewhere", "true"),
            ("Orchestrator__Worker__Pools", $"{workspace.Organization}/gpu"));

        await run.ReachAsync("planned");
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");

        var agents = await platform.Api.GetAsync($"agent-pools/{pool}/agents");
        Assert.Equal(["idle"], agents.Each("status"));
        var agent = agents.Json["data"]![0]!["id"]!.GetValue<string>();
        foreach (var phase in new[] { await run.PlanAsync(), await run.ApplyAsync() })
        {
            var details = phase.Attributes["execution-details"]!;
            Assert.Equal(
                ("agent", agent, agents.Json["data"]![0]!["attributes"]!["name"]!.GetValue<string>(), pool, "gpu"),
                (Text("mode"), Text("agent-id"), Text("agent-name"), Text("agent-pool-id"), Text("agent-pool-name")));
            string Text(string name) => details[name]!.GetValue<string>();
        }
        Assert.Equal(1, (await platform.Api.GetAsync($"agent-pools/{pool}")).Expect(200).Attributes["agent-count"]!.GetValue<int>());
        (await platform.Api.DeleteAsync($"agents/{agent}")).ExpectError(412);
        Assert.Equal(0, await worker.TerminateAsync());
        Assert.Equal("exited", (await platform.Api.GetAsync($"agents/{agent}")).Expect(200).Attributes["status"]!.GetValue<string>());
        (await platform.Api.DeleteAsync($"agents/{agent}")).Expect(204);
        Assert.Empty((await platform.Api.GetAsync($"agent-pools/{pool}/agents")).Each("status"));
        Terraform.DirectoryRemoval.Remove(directory);
    }

    private static JsonObject Named(string name) => ApiClient.Document("agent-pools", new JsonObject { ["name"] = name });

    private static async Task<Answer> CreateAsync(Platform platform, string organization, string name) =>
        (await platform.Api.PostAsync($"organizations/{organization}/agent-pools", Named(name))).Expect(201);
}
