using System.Text.Json.Nodes;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>Teams, their members and their access, through the API.</summary>
public sealed class TeamRouteTests
{
    [Theory, EachDatabase]
    public async Task A_team_gets_its_members_and_they_its_access_at_once(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var user = await MemberAsync(platform, workspace.Organization);
        using var caller = await platform.CallerAsync(user);
        var team = await CreateAsync(platform.Api, workspace.Organization);
        (await caller.GetAsync($"workspaces/{workspace.Id}")).ExpectError(404);

        var access = (await platform.Api.PostAsync("team-workspaces", Access("team-workspaces", "read", team.Id, "workspace", "workspaces", workspace.Id))).Expect(201);
        (await platform.Api.PostAsync($"teams/{team.Id}/relationships/users", List("users", user.Username.ToUpperInvariant()))).Expect(204);
        var seen = (await caller.GetAsync($"workspaces/{workspace.Id}")).Expect(200);
        Assert.False(seen.Attributes["permissions"]!["can-queue-run"]!.GetValue<bool>());
        (await platform.Api.PatchAsync($"team-workspaces/{access.Id}", ApiClient.Document("team-workspaces", new JsonObject { ["access"] = "plan" }))).Expect(200);
        seen = (await caller.GetAsync($"workspaces/{workspace.Id}")).Expect(200);
        Assert.True(seen.Attributes["permissions"]!["can-queue-run"]!.GetValue<bool>());
        Assert.False(seen.Attributes["permissions"]!["can-queue-apply"]!.GetValue<bool>());

        (await platform.Api.DeleteAsync($"teams/{team.Id}")).Expect(204);

        (await caller.GetAsync($"workspaces/{workspace.Id}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task Lists_show_only_what_the_caller_may_see(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mine = await TestWorkspace.CreateAsync(platform.Api);
        var beside = await TestWorkspace.CreateAsync(platform.Api, organization: mine.Organization);
        await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PostAsync($"organizations/{mine.Organization}/projects", ApiClient.Document(
            "projects", new JsonObject { ["name"] = "Closed Project" }))).Expect(201);
        var team = await platform.TeamAsync(mine.Organization);
        await platform.TeamAsync(mine.Organization);
        await platform.GiveAsync(team, mine, WorkspaceAccessLevel.Read);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        using var caller = await platform.CallerAsync(user);

        Assert.Equal([mine.Organization], await IdsAsync(caller, "organizations"));
        Assert.Equal([mine.Id], await IdsAsync(caller, $"organizations/{mine.Organization}/workspaces"));
        Assert.Equal(["Default Project"], await NamesAsync(caller, $"organizations/{mine.Organization}/projects"));
        Assert.Equal([team.Id.Value], await IdsAsync(caller, $"organizations/{mine.Organization}/teams"));
        var list = (await caller.GetAsync($"organizations/{mine.Organization}/workspaces?page%5Bsize%5D=1")).Expect(200);
        Assert.Equal(1, list.Json["meta"]!["pagination"]!["total-count"]!.GetValue<int>());
        Assert.DoesNotContain(beside.Id, list.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_belongs_to_a_workspace_is_included_only_for_those_who_may_see_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await RunTokenTests.WithStateAsync(platform);
        var team = await platform.TeamAsync(mine.Workspace.Organization);
        (await platform.Api.PostAsync("team-workspaces", Access(
            "team-workspaces", "custom", team.Id.Value, "workspace", "workspaces", mine.Workspace.Id))).Expect(201);
        using var caller = await platform.CallerAsync(team);

        var seen = (await caller.GetAsync($"workspaces/{mine.Workspace.Id}?include=vars,current_state_version,current_run,project")).Expect(200);

        Assert.Equal(["projects", "runs"], seen.Json["included"]!.AsArray().Select(item => item!["type"]!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Whoever_may_only_plan_queues_nothing_that_applies_by_itself(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["auto-apply"] = true });
        await workspace.UploadAsync("""resource "terraform_data" "one" {}""");
        var team = await platform.TeamAsync(workspace.Organization);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Plan);
        using var planner = await platform.CallerAsync(team);

        (await planner.PostAsync("runs", Run(workspace, new JsonObject { ["auto-apply"] = true }))).ExpectError(404);
        (await planner.PostAsync("runs", Run(workspace, new JsonObject { ["allow-empty-apply"] = true }))).ExpectError(404);
        (await planner.PostAsync("runs", Run(workspace, new JsonObject { ["is-destroy"] = true }))).ExpectError(404);
        var run = (await planner.PostAsync("runs", Run(workspace, []))).Expect(201);

        Assert.False(run.Attributes["auto-apply"]!.GetValue<bool>());
        Assert.False(run.Attributes["permissions"]!["can-apply"]!.GetValue<bool>());
        (await planner.PostAsync($"runs/{run.Id}/actions/apply")).ExpectError(404);
        (await planner.PostAsync($"runs/{run.Id}/actions/discard")).ExpectError(404);

        // The run that an upload queues is its uploader's.
        var announced = (await planner.PostAsync(
            $"workspaces/{workspace.Id}/configuration-versions", ApiClient.Document("configuration-versions"))).Expect(201);
        (await platform.Anonymous.PutAsync(announced.Attributes["upload-url"]!.GetValue<string>(), Archive.OfSample("hello"))).Expect(200);
        var newest = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/runs")).Expect(200).Json["data"]![0]!;
        Assert.False(newest["attributes"]!["auto-apply"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_run_for_a_workspace_that_one_does_not_see_is_refused_as_for_one_that_does_not_exist()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var outsider = await platform.CallerAsync(await platform.AccountAsync());

        var refused = (await outsider.PostAsync("runs", Run(workspace, []))).ExpectError(422);
        var missing = (await outsider.PostAsync("runs", ApiClient.Document("runs", null, ("workspace", "workspaces", "ws-0000000000000000")))).ExpectError(422);

        Assert.Equal(missing.Text, refused.Text);
    }

    [Theory, EachDatabase]
    public async Task Nobody_gives_a_team_rights_that_they_do_not_have(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var managers = await platform.TeamAsync(workspace.Organization, team => team.OrganizationAccess = new TeamOrganizationAccess { ManageOrganizationAccess = true });
        var strong = await platform.TeamAsync(workspace.Organization, team => team.OrganizationAccess = new TeamOrganizationAccess { ManageWorkspaces = true });
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, managers);
        using var caller = await platform.CallerAsync(user);
        JsonObject With(string flag) => ApiClient.Document("teams", new JsonObject
        {
            ["name"] = TestWorkspace.NewName("team"),
            ["organization-access"] = new JsonObject { [flag] = true },
        });

        (await caller.PostAsync($"organizations/{workspace.Organization}/teams", With("manage-workspaces"))).ExpectError(422);
        (await caller.PostAsync($"organizations/{workspace.Organization}/teams", With("manage-membership"))).Expect(201);
        (await caller.PatchAsync($"teams/{managers.Id}", With("manage-projects"))).ExpectError(422);
        (await caller.PostAsync($"teams/{strong.Id}/relationships/users", List("users", user.Username))).ExpectError(404);
        (await caller.PostAsync($"teams/{strong.Id}/authentication-token")).ExpectError(404);
        var owners = await platform.OwnersAsync(workspace.Organization);
        (await caller.PostAsync($"teams/{owners.Id}/relationships/users", List("users", user.Username))).ExpectError(404);
        (await caller.DeleteAsync($"teams/{owners.Id}")).ExpectError(404);
    }

    [Theory, EachDatabase]
    public async Task Whoever_manages_a_projects_teams_gives_them_no_more_than_they_have(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        var team = await platform.TeamAsync(workspace.Organization);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        var document = Access("team-projects", "custom", team.Id.Value, "project", "projects", project);
        document["data"]!["attributes"]!["project-access"] = new JsonObject { ["teams"] = "manage" };
        document["data"]!["attributes"]!["workspace-access"] = new JsonObject { ["runs"] = "plan" };
        var own = (await platform.Api.PostAsync("team-projects", document)).Expect(201);
        using var caller = await platform.CallerAsync(user);

        JsonObject Level(string level) => ApiClient.Document("team-projects", new JsonObject { ["access"] = level });
        (await caller.PatchAsync($"team-projects/{own.Id}", Level("admin"))).ExpectError(422);
        (await caller.PatchAsync($"team-projects/{own.Id}", ApiClient.Document(
            "team-projects", new JsonObject { ["workspace-access"] = new JsonObject { ["runs"] = "apply" } }))).ExpectError(422);
        (await caller.PatchAsync($"team-projects/{own.Id}", ApiClient.Document(
            "team-projects", new JsonObject { ["workspace-access"] = new JsonObject { ["runs"] = "read" } }))).Expect(200);
    }

    [Theory]
    [InlineData("owners")]
    [InlineData("Owners")]
    [InlineData("")]
    [InlineData(" spaced")]
    [InlineData("a/b")]
    public async Task A_name_that_is_none_or_is_the_owners_is_refused(string name)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        Assert.Equal("/data/attributes/name", (await platform.Api.PostAsync($"organizations/{workspace.Organization}/teams", ApiClient.Document(
            "teams", new JsonObject { ["name"] = name }))).ExpectError(422).Pointer);
    }

    [Fact]
    public async Task Access_that_makes_no_sense_is_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var other = await TestWorkspace.CreateAsync(platform.Api);
        var foreign = await platform.TeamAsync(other.Organization);
        var team = await platform.TeamAsync(workspace.Organization);
        var owners = await platform.OwnersAsync(workspace.Organization);
        Task<Answer> Give(string level, string to) => platform.Api.PostAsync("team-workspaces", Access(
            "team-workspaces", level, to, "workspace", "workspaces", workspace.Id));

        Assert.Equal("/data/attributes/access", (await Give("everything", team.Id.Value)).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/team", (await Give("read", foreign.Id.Value)).ExpectError(422).Pointer);
        Assert.Equal("/data/relationships/team", (await Give("read", owners.Id.Value)).ExpectError(422).Pointer);
        (await Give("read", team.Id.Value)).Expect(201);
        Assert.Equal("/data/relationships/team", (await Give("read", team.Id.Value)).ExpectError(422).Pointer);
        (await platform.Api.GetAsync("team-workspaces")).ExpectError(400);
        var single = Access("team-workspaces", "read", team.Id.Value, "workspace", "workspaces", workspace.Id);
        single["data"]!["attributes"]!["state-versions"] = "write";
        var refused = (await platform.Api.PostAsync("team-workspaces", single)).ExpectError(422);
        Assert.Equal("/data/attributes/state-versions", refused.Pointer);
        Assert.Equal(
            "State versions is read-only when access level is 'read'; use the 'custom' access level to set this attribute.",
            refused.Error["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task Somebody_is_invited_into_no_team_and_chosen_for_one_later()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization);
        var member = await platform.ReachableAsync($"{TestWorkspace.NewName("member")}@example.com");

        var membership = (await platform.Api.PostAsync(
            $"organizations/{workspace.Organization}/organization-memberships", Invitation(member.Email!))).Expect(201);

        Assert.Equal("active", membership.Attributes["status"]!.GetValue<string>());
        using var caller = await platform.CallerAsync(member);
        (await caller.GetAsync($"workspaces/{workspace.Id}")).ExpectError(404);
        (await platform.Api.PostAsync($"teams/{team.Id}/relationships/organization-memberships", List("organization-memberships", membership.Id))).Expect(204);
        var shown = (await platform.Api.GetAsync($"teams/{team.Id}?include=users")).Expect(200).Json["included"]!.AsArray();
        Assert.Equal(member.Username, shown.Single()!["attributes"]!["username"]!.GetValue<string>());
    }

    [Theory, EachDatabase]
    public async Task Members_come_by_invitation_and_the_last_owner_stays(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization);
        var known = await platform.ReachableAsync($"{TestWorkspace.NewName("known")}@example.com");
        var path = $"organizations/{workspace.Organization}/organization-memberships";

        var active = (await platform.Api.PostAsync(path, Invitation(known.Email!.ToUpperInvariant(), team.Id.Value))).Expect(201);
        var invited = (await platform.Api.PostAsync(path, Invitation("stranger@example.com", team.Id.Value))).Expect(201);
        Assert.Equal(("active", "invited"), (Status(active), Status(invited)));
        // Clients take it for granted that there is a user, and that it is told at once.
        Assert.Equal(known.Username, active.Json["included"]!.AsArray().Single()!["attributes"]!["username"]!.GetValue<string>());
        var somebody = invited.Json["included"]!.AsArray().Single()!;
        Assert.Equal(invited.RelatedId("user"), somebody["id"]!.GetValue<string>());
        Assert.Equal((null, "stranger@example.com"), (somebody["attributes"]!["username"], somebody["attributes"]!["email"]!.GetValue<string>()));
        var listed = (await platform.Api.GetAsync($"teams/{team.Id}?include=organization-memberships.user")).Expect(200).Json["included"]!.AsArray();
        Assert.Equal(
            new[] { active.Id, invited.Id, known.Id.Value, invited.RelatedId("user") }.Order(StringComparer.Ordinal),
            listed.Select(row => row!["id"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        using var member = await platform.CallerAsync(known);
        Assert.Equal([active.Id], await IdsAsync(member, "organization-memberships"));
        Assert.Equal([active.Id], await IdsAsync(member, path));
        Assert.Equal([invited.Id], await IdsAsync(platform.Api, $"{path}?filter%5Bstatus%5D=invited"));
        (await platform.Api.PostAsync(path, Invitation(known.Email!, team.Id.Value))).ExpectError(422);
        (await platform.Api.PostAsync(path, Invitation("somebody@example.com", "team-0123456789abcdef"))).ExpectError(422);
        (await platform.Api.PostAsync(path, Invitation("not an address", team.Id.Value))).ExpectError(422);
        (await member.PostAsync(path, Invitation("friend@example.com", team.Id.Value))).ExpectError(404);
        (await member.GetAsync($"organization-memberships/{invited.Id}")).ExpectError(404);

        (await platform.Api.DeleteAsync($"organization-memberships/{active.Id}")).Expect(204);
        (await member.GetAsync($"organizations/{workspace.Organization}")).ExpectError(404);
        var owners = await platform.OwnersAsync(workspace.Organization);
        (await platform.Api.SendAsync(HttpMethod.Delete, $"teams/{owners.Id}/relationships/users", Content(List("users", "admin")))).ExpectError(403);
        var admin = (await platform.Api.GetAsync($"{path}?q=admin")).Expect(200).Json["data"]![0]!["id"]!.GetValue<string>();
        (await platform.Api.DeleteAsync($"organization-memberships/{admin}")).ExpectError(403);

        static string Status(Answer answer) => answer.Attributes["status"]!.GetValue<string>();
    }

    [Fact]
    public async Task An_address_that_somebody_only_claims_gets_no_invitation()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization);
        var address = $"{TestWorkspace.NewName("boss")}@example.com";
        var thief = await platform.AccountAsync();
        using var caller = await platform.CallerAsync(thief);
        var changed = (await caller.PatchAsync("account/update", ApiClient.Document("users", new JsonObject { ["email"] = address }))).Expect(200);
        Assert.Equal(address, changed.Attributes["unconfirmed-email"]!.GetValue<string>());

        var invited = (await platform.Api.PostAsync(
            $"organizations/{workspace.Organization}/organization-memberships", Invitation(address, team.Id.Value))).Expect(201);

        Assert.Equal("invited", invited.Attributes["status"]!.GetValue<string>());
        (await caller.GetAsync($"organizations/{workspace.Organization}")).ExpectError(404);
    }

    [Fact]
    public async Task People_see_their_colleagues_and_nobody_else()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var one = await MemberAsync(platform, workspace.Organization);
        var two = await MemberAsync(platform, workspace.Organization);
        var stranger = await platform.AccountAsync();
        using var caller = await platform.CallerAsync(one);

        Assert.Equal(two.Username, (await caller.GetAsync($"users/{two.Id}")).Expect(200).Attributes["username"]!.GetValue<string>());
        var refused = (await caller.GetAsync($"users/{stranger.Id}")).ExpectError(404);
        Assert.Equal((await caller.GetAsync("users/user-0000000000000000")).ExpectError(404).Text, refused.Text);
        var owners = await platform.OwnersAsync(workspace.Organization);
        var program = $"user-{owners.Id.Value["team-".Length..]}";
        Assert.True((await caller.GetAsync($"users/{program}")).Expect(200).Attributes["is-service-account"]!.GetValue<bool>());
    }

    private static async Task<User> MemberAsync(Platform platform, string organization)
    {
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, await platform.TeamAsync(organization));
        return user;
    }

    private static async Task<Answer> CreateAsync(ApiClient api, string organization) => (await api.PostAsync(
        $"organizations/{organization}/teams", ApiClient.Document("teams", new JsonObject { ["name"] = TestWorkspace.NewName("team") }))).Expect(201);

    private static async Task<IReadOnlyList<string>> IdsAsync(ApiClient client, string path) =>
        [.. (await client.GetAsync(path)).Expect(200).Json["data"]!.AsArray().Select(item => item!["id"]!.GetValue<string>())];

    private static async Task<IReadOnlyList<string>> NamesAsync(ApiClient client, string path) =>
        [.. (await client.GetAsync(path)).Expect(200).Json["data"]!.AsArray().Select(item => item!["attributes"]!["name"]!.GetValue<string>())];

    private static JsonObject Run(TestWorkspace workspace, JsonObject attributes) =>
        ApiClient.Document("runs", attributes, ("workspace", "workspaces", workspace.Id));

    private static JsonObject Access(string type, string level, string team, string relation, string to, string id) => ApiClient.Document(
        type, new JsonObject { ["access"] = level }, ("team", "teams", team), (relation, to, id));

    private static JsonObject List(string type, params string[] ids) => new()
    {
        ["data"] = new JsonArray([.. ids.Select(id => new JsonObject { ["type"] = type, ["id"] = id })]),
    };

    private static JsonObject Invitation(string address, params string[] teams)
    {
        var document = ApiClient.Document("organization-memberships", new JsonObject { ["email"] = address });
        document["data"]!["relationships"] = new JsonObject { ["teams"] = List("teams", teams) };
        return document;
    }

    private static StringContent Content(JsonObject body) => new(body.ToJsonString(), System.Text.Encoding.UTF8, ApiClient.JsonApi);
}
