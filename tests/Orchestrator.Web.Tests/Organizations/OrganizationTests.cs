using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Organizations;

public sealed class OrganizationTests
{
    [Theory, EachDatabase]
    public async Task A_new_organization_brings_its_entitlements_and_its_default_project(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var name = TestWorkspace.NewName("org");

        var created = (await platform.Api.PostAsync("organizations", ApiClient.Document("organizations", new JsonObject { ["name"] = name }))).Expect(201);

        var entitlements = Assert.Single(created.Json["included"]!.AsArray())!;
        Assert.Equal("entitlement-sets", entitlements["type"]!.GetValue<string>());
        Assert.Equal(created.RelatedId("entitlement-set"), entitlements["id"]!.GetValue<string>());
        Assert.True(entitlements["attributes"]!["operations"]!.GetValue<bool>());
        var included = Assert.Single((await platform.Api.GetAsync($"organizations/{name}?include=default-project")).Expect(200).Json["included"]!.AsArray())!;
        Assert.Equal("Default Project", included["attributes"]!["name"]!.GetValue<string>());
    }

    [Theory, EachDatabase]
    public async Task Its_settings_can_be_changed_one_by_one(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var name = await CreateAsync(platform);

        await UpdateAsync(platform, name, new JsonObject { ["email"] = "ops@example.com" });
        await UpdateAsync(platform, name, new JsonObject { ["default-execution-mode"] = "local", ["allow-force-delete-workspaces"] = true });
        var changed = await UpdateAsync(platform, name, new JsonObject { ["cost-estimation-enabled"] = false, ["collaborator-auth-policy"] = "password" });

        Assert.Equal("ops@example.com", changed.Attributes["email"]!.GetValue<string>());
        Assert.Equal("local", changed.Attributes["default-execution-mode"]!.GetValue<string>());
        Assert.True(changed.Attributes["allow-force-delete-workspaces"]!.GetValue<bool>());
    }

    [Fact]
    public async Task The_installations_admins_alone_limit_how_many_of_its_runs_are_carried_out_at_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var name = await CreateAsync(platform);
        var owner = await platform.AccountAsync();
        await platform.JoinAsync(owner, await platform.OwnersAsync(name));
        using var owners = await platform.CallerAsync(owner);
        const string pointer = "/data/attributes/max-concurrent-runs";

        var limited = await UpdateAsync(platform, name, new JsonObject { ["max-concurrent-runs"] = 5 });
        Assert.Equal((5, true), (limited.Attributes["max-concurrent-runs"]!.GetValue<int>(), limited.Attributes["fair-run-queuing-enabled"]!.GetValue<bool>()));
        var refused = (await owners.PatchAsync(
            $"organizations/{name}", ApiClient.Document("organizations", new JsonObject { ["max-concurrent-runs"] = 500 }))).ExpectError(422);
        Assert.Equal(pointer, refused.Pointer);
        Assert.Equal(pointer, (await PatchAsync(platform, name, new JsonObject { ["max-concurrent-runs"] = -1 })).ExpectError(422).Pointer);
        Assert.Equal(5, (await UpdateAsync(platform, name, new JsonObject { ["email"] = "ops@example.com" })).Attributes["max-concurrent-runs"]!.GetValue<int>());
        Assert.Null((await UpdateAsync(platform, name, new JsonObject { ["max-concurrent-runs"] = null })).Attributes["max-concurrent-runs"]);
    }

    [Theory, EachDatabase]
    public async Task A_renamed_organization_is_found_by_its_new_name_with_all_it_has(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (other, renamed) = (await CreateAsync(platform), TestWorkspace.NewName("new"));

        Assert.Equal("/data/attributes/name", (await PatchAsync(platform, workspace.Organization, new JsonObject { ["name"] = other })).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/name", (await PatchAsync(platform, workspace.Organization, new JsonObject { ["name"] = "not/a/name" })).ExpectError(422).Pointer);
        Assert.Equal(renamed, (await UpdateAsync(platform, workspace.Organization, new JsonObject { ["name"] = renamed })).Id);

        (await platform.Api.GetAsync($"organizations/{workspace.Organization}")).ExpectError(404);
        Assert.Equal(workspace.Id, (await platform.Api.GetAsync($"organizations/{renamed}/workspaces/{workspace.Name}")).Expect(200).Id);
    }

    [Theory]
    [InlineData("collaborator-auth-policy", "nobody")]
    [InlineData("session-timeout", 60)]
    [InlineData("session-remember", 60)]
    [InlineData("assessments-enforced", true)]
    [InlineData("cost-estimation-enabled", true)]
    [InlineData("default-execution-mode", "on the moon")]
    [InlineData("default-execution-mode", 7)]
    [InlineData("email", 7)]
    public async Task What_this_server_does_not_have_cannot_be_switched_on(string attribute, object value)
    {
        var platform = await SharedPlatforms.OfAsync();
        var name = await CreateAsync(platform);

        var refused = (await PatchAsync(platform, name, new JsonObject { [attribute] = JsonValue.Create(value) })).ExpectError(422);

        Assert.Equal($"/data/attributes/{attribute}", refused.Pointer);
    }

    [Theory, EachDatabase]
    public async Task An_organization_is_found_by_parts_of_its_name_and_address(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var mark = Guid.NewGuid().ToString("N")[..10];
        var first = await CreateAsync(platform, $"A-{mark}-one", $"boss@{mark}-x.example");
        var second = await CreateAsync(platform, $"b-{mark}-two");

        Assert.Equal([first, second], (await platform.Api.GetAsync($"organizations?q={mark.ToUpperInvariant()}")).Each());
        Assert.Equal([second], (await platform.Api.GetAsync($"organizations?q%5Bname%5D={mark}-TWO")).Each());
        Assert.Equal([first], (await platform.Api.GetAsync($"organizations?q%5Bemail%5D={mark}-x")).Each());
        Assert.Equal([first], (await platform.Api.GetAsync($"organizations?q={mark}&sort=name&page%5Bsize%5D=1")).Each());
    }

    [Fact]
    public async Task Nothing_is_sold_here_so_a_subscription_never_ends()
    {
        var platform = await SharedPlatforms.OfAsync();
        var name = await CreateAsync(platform);

        CommittedDocument.Compare(
            "subscription", (await platform.Api.GetAsync($"organizations/{name}/subscription")).Expect(200).Json, new Dictionary<string, string>());
    }

    internal static async Task<string> CreateAsync(Platform platform, string? name = null, string? email = null)
    {
        var wanted = name ?? TestWorkspace.NewName("org");
        return (await platform.Api.PostAsync("organizations", ApiClient.Document(
            "organizations", new JsonObject { ["name"] = wanted, ["email"] = email }))).Expect(201).Id;
    }

    private static Task<Answer> PatchAsync(Platform platform, string name, JsonObject attributes) =>
        platform.Api.PatchAsync($"organizations/{name}", ApiClient.Document("organizations", attributes));

    private static async Task<Answer> UpdateAsync(Platform platform, string name, JsonObject attributes) =>
        (await PatchAsync(platform, name, attributes)).Expect(200);
}
