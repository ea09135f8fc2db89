using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Workspaces;

public sealed class WorkspaceRemovalTests
{
    private const string OneThing = """resource "terraform_data" "one" { input = "made" }""";

    [Theory, EachDatabase]
    public async Task What_waits_for_a_word_goes_with_its_workspace_and_nothing_of_value_is_lost(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync(OneThing);
        var waiting = await workspace.StartAsync();
        await waiting.ReachAsync("planned");
        var behind = await workspace.StartAsync();

        Assert.Contains("locked", (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/safe-delete")).ExpectError(409).Text, StringComparison.Ordinal);
        (await platform.Api.DeleteAsync($"workspaces/{workspace.Id}")).Expect(204);

        (await platform.Api.GetAsync($"runs/{waiting.Id}")).ExpectError(404);
        (await platform.Api.GetAsync($"runs/{behind.Id}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task A_plan_is_cut_short_when_its_workspace_is_removed(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var silent = Silent();
        await workspace.UploadAsync(WaitingFor(silent));
        var run = await workspace.StartAsync();
        using var limit = new CancellationTokenSource(Wait.Limit);
        using var asked = await silent.AcceptTcpClientAsync(limit.Token);

        (await platform.Api.DeleteAsync($"workspaces/{workspace.Id}")).Expect(204);

        (await platform.Api.GetAsync($"runs/{run.Id}")).ExpectError(404);
        Assert.Empty(Orchestrator.Terraform.ProcessTree.Find(run.Id));
    }

    [Theory, EachDatabase]
    public async Task An_apply_is_not_cut_short_by_a_removal(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("long-running");
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.WaitForLogAsync("apply", "step 1 of 60");
        using var silent = Silent();
        var plan = await workspace.StartAsync(new JsonObject { ["plan-only"] = true }, await workspace.UploadAsync(WaitingFor(silent)));
        using var limit = new CancellationTokenSource(Wait.Limit);
        using var asked = await silent.AcceptTcpClientAsync(limit.Token);

        (await platform.Api.DeleteAsync($"workspaces/{workspace.Id}")).ExpectError(409);
        (await platform.Api.DeleteAsync($"organizations/{workspace.Organization}")).ExpectError(409);

        Assert.Equal("applying", await run.StatusAsync());
        Assert.Equal("planning", await plan.StatusAsync());
        (await plan.ActAsync("cancel")).Expect(202);
        await plan.ReachAsync("canceled");
        (await run.ActAsync("cancel")).Expect(202);
        await run.ReachAsync("canceled");
    }

    [Theory, EachDatabase]
    public async Task An_organization_goes_with_workspaces_that_manage_nothing(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var other = await TestWorkspace.CreateAsync(platform.Api, organization: workspace.Organization);
        await workspace.UploadAsync(OneThing);
        await workspace.ApplyAsync();
        await other.LockAsync();

        var refused = (await platform.Api.DeleteAsync($"organizations/{workspace.Organization}")).ExpectError(409);
        Assert.Contains(workspace.Name, refused.Text, StringComparison.Ordinal);
        await other.ReadAsync();

        await workspace.ApplyAsync(new JsonObject { ["is-destroy"] = true });
        (await platform.Api.DeleteAsync($"organizations/{workspace.Organization}")).Expect(204);
        (await platform.Api.GetAsync($"workspaces/{other.Id}")).ExpectError(404);
        (await platform.Api.GetAsync($"organizations/{workspace.Organization}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task A_configuration_that_another_workspace_has_run_outlives_its_own(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var giver = await TestWorkspace.CreateAsync(platform.Api);
        var taker = await TestWorkspace.CreateAsync(platform.Api, organization: giver.Organization);
        var configuration = await giver.UploadAsync("""output "whose" { value = "given" }""");
        var waiting = await taker.StartAsync(configuration: configuration);
        await waiting.ReachAsync("planned");

        (await platform.Api.DeleteAsync($"workspaces/{giver.Id}")).Expect(204);

        (await waiting.ActAsync("apply")).Expect(202);
        Assert.Equal(configuration, (await waiting.ReachAsync("applied")).RelatedId("configuration-version"));
        Assert.Equal("\"given\"", await taker.OutputAsync("whose"));
        Assert.Equal(200, (await platform.Api.GetAsync($"runs/{waiting.Id}/configuration-version/download")).Status);
    }

    [Fact]
    public async Task A_run_uses_no_configuration_that_its_author_may_not_see()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (mine, other) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        var sibling = await TestWorkspace.CreateAsync(platform.Api, organization: mine.Organization);
        var (secret, foreign) = (await sibling.UploadAsync(OneThing), await other.UploadAsync(OneThing));
        var team = await platform.TeamAsync(mine.Organization);
        await platform.GiveAsync(team, mine, Orchestrator.Access.WorkspaceAccessLevel.Write);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        using var caller = await platform.CallerAsync(user);
        Task<Answer> StartAsync(ApiClient api, string configuration) => api.PostAsync("runs", ApiClient.Document(
            "runs", null, ("workspace", "workspaces", mine.Id), ("configuration-version", "configuration-versions", configuration)));

        Assert.Equal("/data/relationships/configuration-version", (await StartAsync(caller, secret)).ExpectError(422).Pointer);
        // Not even a site admin takes it from another organisation.
        Assert.Equal("/data/relationships/configuration-version", (await StartAsync(platform.Api, foreign)).ExpectError(422).Pointer);
        (await StartAsync(platform.Api, secret)).Expect(201);
    }

    /// <summary>Something that never answers.</summary>
    private static TcpListener Silent()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    /// <summary>A configuration whose plan waits for the listener's answer.</summary>
    private static string WaitingFor(TcpListener listener) => """
        data "terraform_remote_state" "slow" {
          backend = "http"
          config  = { address = "http://127.0.0.1:PORT/state" }
        }
        """.Replace("PORT", ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
