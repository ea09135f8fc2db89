using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>The documents of people, teams, access and tokens, member by member.</summary>
public sealed class PeopleDocumentTests
{
    [Fact]
    public async Task The_documents_of_people_and_teams_are_as_committed()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var organization = workspace.Organization;
        var project = (await workspace.ReadAsync()).RelatedId("project");
        var user = await platform.ReachableAsync($"{TestWorkspace.NewName("known")}@example.com");
        var names = new Dictionary<string, string>
        {
            [organization] = "<organization>",
            [workspace.Name] = "<workspace>",
            [user.Username] = "<username>",
            [user.Email!] = "<address>",
        };
        using var caller = await platform.CallerAsync(user);

        var team = (await platform.Api.PostAsync($"organizations/{organization}/teams", ApiClient.Document("teams", new JsonObject
        {
            ["name"] = "Network",
            ["visibility"] = "organization",
            ["organization-access"] = new JsonObject { ["manage-vcs-settings"] = true },
        }))).Expect(201);
        CommittedDocument.Compare("team", team.Json, names);
        var invitation = ApiClient.Document("organization-memberships", new JsonObject { ["email"] = user.Email });
        invitation["data"]!["relationships"] = new JsonObject { ["teams"] = new JsonObject
        {
            ["data"] = new JsonArray(new JsonObject { ["type"] = "teams", ["id"] = team.Id }),
        } };
        var membership = (await platform.Api.PostAsync($"organizations/{organization}/organization-memberships", invitation)).Expect(201);
        CommittedDocument.Compare("organization-membership",
            (await platform.Api.GetAsync($"organization-memberships/{membership.Id}?include=user,teams")).Expect(200).Json, names);
        CommittedDocument.Compare("team-with-users", (await platform.Api.GetAsync($"teams/{team.Id}?include=users")).Expect(200).Json, names);
        CommittedDocument.Compare("account", (await caller.GetAsync("account/details")).Expect(200).Json, names);
        CommittedDocument.Compare("user", (await platform.Api.GetAsync($"users/{user.Id}")).Expect(200).Json, names);

        var workspaces = (await platform.Api.PostAsync("team-workspaces", ApiClient.Document(
            "team-workspaces", new JsonObject { ["access"] = "custom", ["runs"] = "plan", ["state-versions"] = "read-outputs" },
            ("team", "teams", team.Id), ("workspace", "workspaces", workspace.Id)))).Expect(201);
        CommittedDocument.Compare("team-workspace", workspaces.Json, names);
        var projects = (await platform.Api.PostAsync("team-projects", ApiClient.Document(
            "team-projects", new JsonObject { ["access"] = "maintain" }, ("team", "teams", team.Id), ("project", "projects", project)))).Expect(201);
        CommittedDocument.Compare("team-project", projects.Json, names);

        var token = (await platform.Api.PostAsync($"teams/{team.Id}/authentication-tokens", ApiClient.Document(
            "authentication-tokens", new JsonObject { ["description"] = "for the pipeline", ["expired-at"] = "2999-01-01T00:00:00Z" }))).Expect(201);
        names[token.Attributes["token"]!.GetValue<string>()] = "<token>";
        CommittedDocument.Compare("authentication-token-new", token.Json, names);
        CommittedDocument.Compare("authentication-token", (await platform.Api.GetAsync($"authentication-tokens/{token.Id}")).Expect(200).Json, names);
    }
}
