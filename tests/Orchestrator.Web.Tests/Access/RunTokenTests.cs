using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Vcs;
using Orchestrator.Web.Tests.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>What a run's terraform may do with its token: reach its own workspace's state, and nothing else.</summary>
public sealed class RunTokenTests
{
    private static readonly string[] OpenToRuns =
    [
        "GET /api/v2/organizations/{organization}/entitlement-set",
        "GET /api/v2/organizations/{organization}/workspaces/{name}",
        "GET /api/v2/ping",
        "GET /api/v2/state-version-outputs/{id}",
        "GET /api/v2/state-versions/{id}",
        "GET /api/v2/workspaces/{id}",
        "GET /api/v2/workspaces/{id}/current-state-version",
        "GET /api/v2/workspaces/{id}/current-state-version-outputs",
        "GET /api/v2/workspaces/{id}/state-versions",
        "POST /api/v2/workspaces/{id}/state-versions",
    ];

    /// <summary>Only an apply whose state could not be delivered has an errored one, only an organisation's token a trail; branches are a
    /// named repository's, only what came from version control has a commit, and only a GitHub App an installation.</summary>
    private static readonly string[] NeedingMore =
        ["/errored-state", "/organization/audit-trail", "/oauth-clients/{id}/branches", "/ingress-attributes", "/ingress-attributes/{id}", "/github-app/installation/{id}"];

    [Theory, EachDatabase]
    public async Task A_run_token_opens_the_state_routes_of_its_own_workspace_alone(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mine = await WithStateAsync(platform);
        var another = await WithStateAsync(platform);
        using var token = await CallerAsync(platform, mine, mayWrite: true);

        var opened = new List<string>();
        foreach (var route in ApiRoute.AllOf(platform).Where(route => !route.IsAnonymous))
        {
            // An error document that is not "not found" would tell that the route was open, too.
            if ((await token.SendAsync(route.Method, mine.PathOf(route))).Status != 404)
            {
                opened.Add(route.ToString());
            }
            if (route.Pattern.Contains("{id}", StringComparison.Ordinal) || route.Pattern.Contains("{name}", StringComparison.Ordinal))
            {
                (await token.SendAsync(route.Method, another.PathOf(route))).ExpectError(404);
            }
            if (route.Method == HttpMethod.Get && !NeedingMore.Any(end => route.Pattern.EndsWith(end, StringComparison.Ordinal)))
            {
                // They do exist.
                var status = (await platform.Api.SendAsync(route.Method, mine.PathOf(route))).Status;
                Assert.True(status is >= 200 and < 300, $"{route} answered {status}");
            }
        }

        Assert.Equal(OpenToRuns, opened.Order(StringComparer.Ordinal));
        (await token.GetAsync("there-is-no-such-route")).ExpectError(404);
    }

    [Fact]
    public async Task The_document_of_a_runs_own_workspace_tells_what_little_its_token_may()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await WithStateAsync(platform);
        using var token = await CallerAsync(platform, mine, mayWrite: true);

        var permissions = (await token.GetAsync($"workspaces/{mine.Workspace.Id}")).Expect(200).Attributes["permissions"]!.AsObject();

        Assert.Equal(
            ["can-create-state-versions", "can-read-state-outputs", "can-read-state-versions"],
            permissions.Where(permission => permission.Value!.GetValue<bool>()).Select(permission => permission.Key).Order(StringComparer.Ordinal));
        // A fork's sees that there is a workspace, and nothing of its state.
        using var forks = new ApiClient(platform.Address, await platform.Get<RunTokens>().IssueAsync(
            new RunId(mine.Run.Id), new WorkspaceId(mine.Workspace.Id), mayWriteState: false, TimeSpan.FromMinutes(5), CancellationToken.None, mayReadState: false));
        var opened = new List<string>();
        foreach (var route in ApiRoute.AllOf(platform).Where(route => !route.IsAnonymous))
        {
            if ((await forks.SendAsync(route.Method, mine.PathOf(route))).Status != 404)
            {
                opened.Add(route.ToString());
            }
        }
        Assert.Equal(OpenToRuns.Where(route => !route.Contains("state", StringComparison.Ordinal)), opened.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_run_token_sees_no_more_of_the_workspace_by_asking_what_belongs_to_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await WithStateAsync(platform);
        using var token = await CallerAsync(platform, mine, mayWrite: true);

        var answer = (await token.GetAsync(
            $"workspaces/{mine.Workspace.Id}?include=organization,project,current_run.configuration_version,current_state_version.run,vars")).Expect(200);

        Assert.Equal([mine.State], answer.Json["included"]!.AsArray().Select(included => included!["id"]!.GetValue<string>()));
    }

    [Theory, EachDatabase]
    public async Task The_token_of_an_apply_writes_its_state(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mine = await WithStateAsync(platform);
        using var token = await CallerAsync(platform, mine, mayWrite: true);
        var (document, raw) = await NextStateAsync(mine.Workspace);

        var announced = (await token.PostAsync($"workspaces/{mine.Workspace.Id}/state-versions", document)).Expect(201);
        (await platform.Anonymous.PutAsync(announced.Attributes["hosted-state-upload-url"]!.GetValue<string>(), raw)).Expect(200);

        Assert.Equal("finalized", (await token.GetAsync($"state-versions/{announced.Id}")).Expect(200).Attributes["status"]!.GetValue<string>());
        Assert.Equal("\"written by the test\"", await mine.Workspace.OutputAsync("marker"));
    }

    [Theory, EachDatabase]
    public async Task The_token_of_a_plan_writes_no_state(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mine = await WithStateAsync(platform);
        using var token = await CallerAsync(platform, mine, mayWrite: false);
        var (document, _) = await NextStateAsync(mine.Workspace);

        (await token.GetAsync($"workspaces/{mine.Workspace.Id}/current-state-version")).Expect(200);
        (await token.PostAsync($"workspaces/{mine.Workspace.Id}/state-versions", document)).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task A_revoked_token_and_its_links_open_nothing(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mine = await WithStateAsync(platform);
        using var token = await CallerAsync(platform, mine, mayWrite: true);
        var (document, raw) = await NextStateAsync(mine.Workspace);
        var download = (await token.GetAsync($"workspaces/{mine.Workspace.Id}/current-state-version")).Expect(200)
            .Attributes["hosted-state-download-url"]!.GetValue<string>();
        var upload = (await token.PostAsync($"workspaces/{mine.Workspace.Id}/state-versions", document)).Expect(201)
            .Attributes["hosted-state-upload-url"]!.GetValue<string>();
        (await platform.Anonymous.GetAsync(download)).Expect(200);

        Assert.True(await platform.Get<RunTokens>().RevokeAsync(new RunId(mine.Run.Id), CancellationToken.None));

        (await token.GetAsync("ping")).ExpectError(401);
        (await token.GetAsync($"workspaces/{mine.Workspace.Id}/current-state-version")).ExpectError(401);
        (await platform.Anonymous.GetAsync(download)).ExpectError(404);
        (await platform.Anonymous.PutAsync(upload, raw)).ExpectError(404);
    }

    /// <summary>Another process may have revoked it without this one's having heard of it yet.</summary>
    [Theory, EachDatabase]
    public async Task Whether_a_token_is_revoked_is_looked_up_before_it_changes_anything(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mine = await WithStateAsync(platform);
        using var token = await CallerAsync(platform, mine, mayWrite: true);
        var (document, _) = await NextStateAsync(mine.Workspace);
        (await token.GetAsync("ping")).Expect(204);
        await using (var db = await platform.Get<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync())
        {
            var (run, now) = (new RunId(mine.Run.Id), DateTimeOffset.UtcNow);
            await db.RunTokens.Where(row => row.RunId == run).ExecuteUpdateAsync(set => set.SetProperty(row => row.RevokedAt, now));
        }

        (await token.PostAsync($"workspaces/{mine.Workspace.Id}/state-versions", document)).ExpectError(401);
    }

    [Fact]
    public async Task An_expired_token_opens_nothing()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await WithStateAsync(platform);
        var expired = await platform.Get<RunTokens>().IssueAsync(
            new RunId(mine.Run.Id), new WorkspaceId(mine.Workspace.Id), mayWriteState: true, TimeSpan.FromSeconds(-1), CancellationToken.None);
        using var token = new ApiClient(platform.Address, expired);

        (await token.GetAsync("ping")).ExpectError(401);
    }

    private static async Task<ApiClient> CallerAsync(Platform platform, Everything mine, bool mayWrite) => new(
        platform.Address,
        await platform.Get<RunTokens>().IssueAsync(
            new RunId(mine.Run.Id), new WorkspaceId(mine.Workspace.Id), mayWrite, TimeSpan.FromMinutes(5), CancellationToken.None));

    /// <summary>A workspace with a state and one of everything, locked by a run that waits for its confirmation.</summary>
    internal static async Task<Everything> WithStateAsync(Platform platform)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("who", "somebody");
        var configuration = await workspace.UploadAsync("""
            resource "terraform_data" "one" { input = timestamp() }
            output "words" { value = "said" }
            """);
        await workspace.ApplyAsync();
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        var state = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200);
        var variable = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Expect(200).Json["data"]![0]!["id"]!.GetValue<string>();
        var project = (await workspace.ReadAsync()).RelatedId("project");
        var happening = (await platform.Api.GetAsync($"runs/{run.Id}/run-events")).Expect(200).Json["data"]![0]!["id"]!.GetValue<string>();
        var comment = (await platform.Api.PostAsync(
            $"runs/{run.Id}/comments", ApiClient.Document("comments", new JsonObject { ["body"] = "Nice" }))).Expect(201);
        var followed = await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        var trigger = (await platform.Api.PostAsync($"workspaces/{workspace.Id}/run-triggers", ApiClient.Document(
            "run-triggers", [], ("sourceable", "workspaces", followed.Id)))).Expect(201);
        var notification = (await platform.Api.PostAsync($"workspaces/{workspace.Id}/notification-configurations", ApiClient.Document(
            "notification-configurations", new JsonObject { ["name"] = "Ops", ["destination-type"] = "generic", ["url"] = "https://example.com/" }))).Expect(201);
        var output = state.Data["relationships"]!["outputs"]!["data"]![0]!["id"]!.GetValue<string>();
        var set = await platform.Api.CreateSetAsync(workspace.Organization, "set", null, ("vars", new JsonArray(TestVariableSets.Variable("in_set", "x"))));
        var people = await TestPeople.AroundAsync(platform, workspace, project);
        return new Everything(workspace, run, configuration, state.Id, output, variable, project, happening, comment.Id, await OthersAsync(platform, workspace.Organization))
        {
            Trigger = trigger.Id,
            Notification = notification.Id,
            People = people,
            Set = set,
            SetVariable = (await platform.Api.GetAsync($"varsets/{set}/relationships/vars")).Expect(200).Json["data"]![0]!["id"]!.GetValue<string>(),
        };
    }

    /// <summary>What an organisation has besides, by the word that stands before its id in an address.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> OthersAsync(Platform platform, string organization)
    {
        async Task<string> MakeAsync(string type, JsonObject attributes) =>
            (await platform.Api.PostAsync($"organizations/{organization}/{type}", ApiClient.Document(type, attributes))).Expect(201).Id;
        var tagged = (await platform.Api.PostAsync($"organizations/{organization}/workspaces", ApiClient.Document(
            "workspaces", new JsonObject { ["name"] = "tagged" }).With("tags", ApiLists.Of("tags", new JsonObject { ["name"] = "app" })))).Expect(201);
        var pool = await MakeAsync("agent-pools", new JsonObject { ["name"] = "pool" });
        var connection = (await platform.Api.PostAsync($"organizations/{organization}/oauth-clients", ApiClient.Document("oauth-clients", new JsonObject
        {
            ["service-provider"] = "git", ["http-url"] = "https://git.example", ["oauth-token-string"] = Planted.Secret("git"),
        }))).Expect(201);
        var delivered = await platform.Get<VcsIntake>().StoreAsync(new OAuthClientId(connection.Id), "ping", $"test-{Guid.NewGuid():N}", "{}"u8.ToArray());
        await using var db = platform.Open();
        var agent = new Agent
        {
            Id = Identifier.New<AgentId>(),
            PoolId = new AgentPoolId(pool),
            Worker = "machine:1:one",
            Name = "machine:1",
            StartedAt = TimeProvider.System.GetUtcNow(),
            LastPingAt = TimeProvider.System.GetUtcNow(),
        };
        db.Agents.Add(agent);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return new Dictionary<string, string>
        {
            ["tags"] = tagged.Data["relationships"]!["tags"]!["data"]![0]!["id"]!.GetValue<string>(),
            ["agent-pools"] = pool,
            ["agents"] = agent.Id.Value,
            ["oauth-clients"] = connection.Id,
            ["oauth-tokens"] = connection.Data["relationships"]!["oauth-tokens"]!["data"]![0]!["id"]!.GetValue<string>(),
            ["vcs-events"] = delivered.Id!.Value.Value,
            ["ssh-keys"] = await MakeAsync("ssh-keys", new JsonObject { ["name"] = "git", ["value"] = SshKeyTests.Key }),
            ["reserved-tag-keys"] = await MakeAsync("reserved-tag-keys", new JsonObject { ["key"] = "cost" }),
        };
    }

    /// <summary>The current state with a higher serial and a mark.</summary>
    private static async Task<(JsonObject Announcement, byte[] Raw)> NextStateAsync(TestWorkspace workspace)
    {
        var state = (await workspace.StateAsync())!;
        state["serial"] = state["serial"]!.GetValue<long>() + 1;
        state["outputs"] = new JsonObject { ["marker"] = new JsonObject { ["value"] = "written by the test", ["type"] = "string" } };
        var raw = Encoding.UTF8.GetBytes(state.ToJsonString());
#pragma warning disable CA5351 // The protocol's own checksum.
        var md5 = Convert.ToHexStringLower(MD5.HashData(raw));
#pragma warning restore CA5351
        return (ApiClient.Document("state-versions", new JsonObject
        {
            ["serial"] = state["serial"]!.DeepClone(),
            ["lineage"] = state["lineage"]!.DeepClone(),
            ["md5"] = md5,
        }), raw);
    }

    internal sealed record Everything(
        TestWorkspace Workspace, TestRun Run, string Configuration, string State, string Output, string Variable, string Project, string Event,
        string Comment, IReadOnlyDictionary<string, string> Others)
    {
        // Lists of the whole installation want to know of which workspace.
        private static readonly string[] Filtered = ["/api/v2/state-versions", "/api/v2/vars"];

        /// <summary>A team, its member, what it has access to, and tokens, by how routes name them.</summary>
        public required IReadOnlyDictionary<string, string> People { get; init; }

        public required string Set { get; init; }

        public required string SetVariable { get; init; }

        public required string Trigger { get; init; }

        public required string Notification { get; init; }

        /// <summary>The path of a route, for what there is here.</summary>
        public string PathOf(ApiRoute route) => route.Path(parameter =>
            parameter == "variable" && route.Pattern.Contains("/varsets/", StringComparison.Ordinal) ? SetVariable : ValueOf(parameter))
            + (route.Pattern.EndsWith("/run-triggers", StringComparison.Ordinal) ? "?filter%5Brun-trigger%5D%5Btype%5D=inbound" : "")
            + (Filtered.Contains(route.Pattern)
                ? $"?filter%5Borganization%5D%5Bname%5D={Workspace.Organization}&filter%5Bworkspace%5D%5Bname%5D={Workspace.Name}"
                : route.Pattern switch
                {
                    "/api/v2/team-workspaces" => $"?filter%5Bworkspace%5D%5Bid%5D={Workspace.Id}",
                    "/api/v2/team-projects" => $"?filter%5Bproject%5D%5Bid%5D={Project}",
                    _ => "",
                });

        private string ValueOf(string parameter) => parameter switch
        {
            "organization" => Workspace.Organization,
            "name" => Workspace.Name,
            "variable" or "vars" => Variable,
            "varsets" => Set,
            "workspaces" => Workspace.Id,
            "runs" => Run.Id,
            "run-events" => Event,
            "comments" => Comment,
            "run-triggers" => Trigger,
            "notification-configurations" => Notification,
            "plans" => Run.PlanId,
            "applies" => Run.ApplyId,
            "configuration-versions" => Configuration,
            "state-versions" => State,
            "state-version-outputs" => Output,
            "projects" => Project,
            "installation" => "ghain-0000000000000000",
            _ when Others.TryGetValue(parameter, out var other) => other,
            _ when People.TryGetValue(parameter, out var id) => id,
            _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, "A route has a parameter that this test does not know."),
        };
    }
}
