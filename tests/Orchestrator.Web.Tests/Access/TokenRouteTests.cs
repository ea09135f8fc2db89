using System.Text.Json.Nodes;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>Tokens through the API: told once, kept as hashes, and everybody's own business.</summary>
public sealed class TokenRouteTests
{
    [Fact]
    public async Task A_token_is_told_once_and_opens_the_api_until_it_is_revoked()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var caller = await platform.CallerAsync(user);

        var created = (await caller.PostAsync($"users/{user.Id}/authentication-tokens", Token("for my laptop"))).Expect(201);
        var text = created.Attributes["token"]!.GetValue<string>();
        using var laptop = new ApiClient(platform.Address, text);

        Assert.Equal(user.Id.Value, (await laptop.GetAsync("account/details")).Expect(200).Id);
        Assert.DoesNotContain(text, (await caller.GetAsync($"authentication-tokens/{created.Id}")).Expect(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, (await caller.GetAsync($"users/{user.Id}/authentication-tokens")).Expect(200).Text, StringComparison.Ordinal);
        (await caller.DeleteAsync($"authentication-tokens/{created.Id}")).Expect(204);
        (await laptop.GetAsync("ping")).ExpectError(401);
        (await caller.DeleteAsync($"authentication-tokens/{created.Id}")).ExpectError(404);
    }

    [Fact]
    public async Task Nobody_makes_lists_or_revokes_somebody_elses_tokens_not_even_a_site_admin_makes_one()
    {
        var platform = await SharedPlatforms.OfAsync();
        var victim = await platform.AccountAsync();
        using var own = await platform.CallerAsync(victim);
        var token = (await own.PostAsync($"users/{victim.Id}/authentication-tokens", Token("mine"))).Expect(201);
        using var other = await platform.CallerAsync(await platform.AccountAsync());

        foreach (var client in new[] { other, platform.Api })
        {
            (await client.PostAsync($"users/{victim.Id}/authentication-tokens", Token("a way in"))).ExpectError(404);
            Assert.Empty((await client.GetAsync($"users/{victim.Id}/authentication-tokens")).Expect(200).Json["data"]!.AsArray());
        }
        (await other.GetAsync($"authentication-tokens/{token.Id}")).ExpectError(404);
        (await other.DeleteAsync($"authentication-tokens/{token.Id}")).ExpectError(404);
    }

    [Fact]
    public async Task A_teams_token_makes_no_tokens_and_puts_nobody_into_a_team()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var managers = await platform.TeamAsync(workspace.Organization, team => team.OrganizationAccess = new TeamOrganizationAccess { ManageTeams = true });
        var other = await platform.TeamAsync(workspace.Organization);
        using var program = await platform.CallerAsync(managers);
        using var owners = await platform.CallerAsync(await platform.OwnersAsync(workspace.Organization));

        foreach (var client in new[] { program, owners })
        {
            (await client.PostAsync($"teams/{other.Id}/authentication-token")).ExpectError(404);
            (await client.PostAsync($"teams/{other.Id}/authentication-tokens", Token("another"))).ExpectError(404);
            (await client.GetAsync($"organizations/{workspace.Organization}/team-tokens")).ExpectError(404);
            (await client.PostAsync($"organizations/{workspace.Organization}/authentication-token")).ExpectError(404);
        }
        var ownersTeam = await platform.OwnersAsync(workspace.Organization);
        (await owners.PostAsync($"teams/{ownersTeam.Id}/relationships/users", Users("admin"))).ExpectError(404);
    }

    [Fact]
    public async Task A_team_has_one_token_without_a_description_and_many_with()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization);
        var first = (await platform.Api.PostAsync($"teams/{team.Id}/authentication-token")).Expect(201);
        using var before = new ApiClient(platform.Address, first.Attributes["token"]!.GetValue<string>());

        (await platform.Api.PostAsync($"teams/{team.Id}/authentication-token")).Expect(201);
        (await platform.Api.PostAsync($"teams/{team.Id}/authentication-tokens", Token("build"))).Expect(201);
        Assert.Equal("/data/attributes/description",
            (await platform.Api.PostAsync($"teams/{team.Id}/authentication-tokens", Token("build"))).ExpectError(422).Pointer);

        (await before.GetAsync("ping")).ExpectError(401);
        Assert.Equal(2, (await platform.Api.GetAsync($"teams/{team.Id}/authentication-tokens")).Expect(200).Json["data"]!.AsArray().Count);
        Assert.Equal(2, (await platform.Api.GetAsync($"organizations/{workspace.Organization}/team-tokens")).Expect(200).Json["data"]!.AsArray().Count);
        (await platform.Api.DeleteAsync($"teams/{team.Id}/authentication-token")).Expect(204);
        (await platform.Api.GetAsync($"teams/{team.Id}/authentication-token")).ExpectError(404);
    }

    [Fact]
    public async Task A_token_that_would_be_expired_or_is_described_at_length_is_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var caller = await platform.CallerAsync(user);
        var path = $"users/{user.Id}/authentication-tokens";

        Assert.Equal("/data/attributes/expired-at", (await caller.PostAsync(path, ApiClient.Document(
            "authentication-tokens", new JsonObject { ["expired-at"] = "2020-01-01T00:00:00Z" }))).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/description", (await caller.PostAsync(path, Token(new string('x', 300)))).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/expired-at", (await caller.PostAsync(path, ApiClient.Document(
            "authentication-tokens", new JsonObject { ["expired-at"] = "soon" }))).ExpectError(422).Pointer);
    }

    [Fact]
    public async Task An_organizations_token_configures_and_neither_runs_nor_reads_states()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await RunTokenTests.WithStateAsync(platform);
        var created = (await platform.Api.PostAsync($"organizations/{mine.Workspace.Organization}/authentication-token")).Expect(201);
        using var token = new ApiClient(platform.Address, created.Attributes["token"]!.GetValue<string>());
        var workspace = mine.Workspace.Id;

        (await token.PatchAsync($"workspaces/{workspace}", ApiClient.Document("workspaces", new JsonObject { ["description"] = "configured" }))).Expect(200);
        (await token.PostAsync($"organizations/{mine.Workspace.Organization}/teams", ApiClient.Document(
            "teams", new JsonObject { ["name"] = TestWorkspace.NewName("made") }))).Expect(201);
        (await token.PostAsync("runs", ApiClient.Document("runs", null, ("workspace", "workspaces", workspace)))).ExpectError(404);
        (await token.PostAsync($"workspaces/{workspace}/configuration-versions")).ExpectError(404);
        (await token.PostAsync($"runs/{mine.Run.Id}/actions/apply")).ExpectError(404);
        (await token.PostAsync($"runs/{mine.Run.Id}/actions/cancel")).ExpectError(404);
        (await token.PostAsync($"runs/{mine.Run.Id}/actions/discard")).ExpectError(404);
        (await token.GetAsync($"workspaces/{workspace}/current-state-version")).ExpectError(404);
        (await token.GetAsync($"workspaces/{workspace}/current-state-version-outputs")).ExpectError(404);
        (await token.PostAsync($"workspaces/{workspace}/state-versions")).ExpectError(404);
        var account = (await token.GetAsync("account/details")).Expect(200);
        Assert.Equal($"api-org-{mine.Workspace.Organization}", account.Attributes["username"]!.GetValue<string>());
        Assert.True(account.Attributes["is-service-account"]!.GetValue<bool>());
        Assert.Equal(mine.Workspace.Organization, account.RelatedId("authenticated-resource"));
    }

    [Fact]
    public async Task Links_die_with_the_token_that_they_were_made_with()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await RunTokenTests.WithStateAsync(platform);
        var team = await platform.TeamAsync(mine.Workspace.Organization);
        await platform.GiveAsync(team, mine.Workspace, WorkspaceAccessLevel.Read);
        var created = (await platform.Api.PostAsync($"teams/{team.Id}/authentication-tokens", Token("reads"))).Expect(201);
        using var reader = new ApiClient(platform.Address, created.Attributes["token"]!.GetValue<string>());
        var state = (await reader.GetAsync($"workspaces/{mine.Workspace.Id}/current-state-version")).Expect(200)
            .Attributes["hosted-state-download-url"]!.GetValue<string>();
        var log = (await reader.GetAsync($"plans/{mine.Run.PlanId}")).Expect(200).Attributes["log-read-url"]!.GetValue<string>();
        (await platform.Anonymous.GetAsync(state)).Expect(200);
        (await platform.Anonymous.GetAsync(log)).Expect(200);

        (await platform.Api.DeleteAsync($"authentication-tokens/{created.Id}")).Expect(204);

        (await platform.Anonymous.GetAsync(state)).Expect(404);
        (await platform.Anonymous.GetAsync(log)).Expect(404);
    }

    private static JsonObject Token(string description) =>
        ApiClient.Document("authentication-tokens", new JsonObject { ["description"] = description });

    private static JsonObject Users(params string[] names) => new()
    {
        ["data"] = new JsonArray([.. names.Select(name => new JsonObject { ["type"] = "users", ["id"] = name })]),
    };
}
