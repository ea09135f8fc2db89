using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

public sealed class ConnectionTests
{
    [Theory, EachDatabase]
    public async Task A_connection_is_made_checked_changed_and_removed_and_never_tells_its_secrets(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        await using var host = await CodeHost.StartAsync();
        host.Answer("/user/repos", new JsonArray(new JsonObject { ["full_name"] = "acme/network", ["default_branch"] = "main", ["private"] = true }));
        var repository = await host.CreateAsync("acme/network");
        await repository.PushAsync("Begin", "main", ("main.tf", ""));
        await repository.PushAsync("Other", "other", ("main.tf", ""));
        var organization = await OrganizationTests.CreateAsync(platform);

        var created = (await platform.Api.PostAsync($"organizations/{organization}/oauth-clients", ApiClient.Document("oauth-clients", new JsonObject
        {
            ["service-provider"] = "github_enterprise", ["name"] = "Ours", ["http-url"] = host.Address + "/", ["api-url"] = $"{host.Address}/api/v3", ["oauth-token-string"] = host.Token,
        }))).Expect(201);

        var secret = created.Attributes["webhook-secret"]!.GetValue<string>();
        Assert.Equal(48, secret.Length);
        var names = new Dictionary<string, string> { [secret] = "<secret>", [organization] = "<organization>" };
        CommittedDocument.Compare("oauth-client", created.Json, names);
        var shown = (await platform.Api.GetAsync($"oauth-clients/{created.Id}?include=oauth-tokens")).Expect(200);
        Assert.Null(shown.Attributes["webhook-secret"]);
        Assert.Equal(("robot", null), (shown.Attributes["account"]!.GetValue<string>(), shown.Attributes["problem"]?.GetValue<string>()));
        Assert.DoesNotContain(host.Token, shown.Text + created.Text, StringComparison.Ordinal);
        var token = shown.Json["included"]![0]!["id"]!.GetValue<string>();
        CommittedDocument.Compare("oauth-token", (await platform.Api.GetAsync($"oauth-tokens/{token}")).Expect(200).Json, names);
        Assert.Equal([token], (await platform.Api.GetAsync($"organizations/{organization}/oauth-tokens")).Expect(200).Json["data"]!.AsArray().Select(row => row!["id"]!.GetValue<string>()));
        Assert.Single((await platform.Api.GetAsync($"oauth-clients/{created.Id}/oauth-tokens")).Expect(200).Json["data"]!.AsArray());
        Assert.Equal("acme/network", (await platform.Api.GetAsync($"oauth-clients/{created.Id}/repositories?q=NET")).Expect(200).Json["data"]![0]!["id"]!.GetValue<string>());
        Assert.Empty((await platform.Api.GetAsync($"oauth-clients/{created.Id}/repositories?q=nothing")).Expect(200).Json["data"]!.AsArray());
        Assert.Equal(["main", "other"], (await platform.Api.GetAsync($"oauth-clients/{created.Id}/branches?filter%5Brepository%5D=acme/network")).Expect(200).Json["data"]!.AsArray().Select(row => row!["id"]!.GetValue<string>()));
        (await platform.Api.GetAsync($"oauth-clients/{created.Id}/branches")).ExpectError(400);
        Assert.Contains("no such repository", (await platform.Api.GetAsync($"oauth-clients/{created.Id}/branches?filter%5Brepository%5D=acme/nothing")).ExpectError(422).Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        // A wrong token is kept, and said to be wrong.
        var wrong = (await PatchAsync(platform, created.Id, new JsonObject { ["oauth-token-string"] = Planted.Secret("wrong") })).Expect(200);
        Assert.Contains("401", wrong.Attributes["problem"]!.GetValue<string>(), StringComparison.Ordinal);
        // Nobody sends a token that they do not know to another server.
        Assert.Equal("/data/attributes/http-url", (await PatchAsync(platform, created.Id, new JsonObject { ["http-url"] = "https://elsewhere.example" })).ExpectError(422).Pointer);
        Assert.Null((await PatchAsync(platform, created.Id, new JsonObject { ["oauth-token-string"] = host.Token })).Expect(200).Attributes["problem"]);

        (await platform.Api.DeleteAsync($"oauth-tokens/{token}")).Expect(204);
        (await platform.Api.GetAsync($"oauth-tokens/{token}")).ExpectError(404);
        await using (var db = platform.Open())
        {
            Assert.Null(await db.VcsConnections.Where(row => row.Id == new OAuthClientId(created.Id)).Select(row => row.ProtectedToken).FirstAsync(TestContext.Current.CancellationToken));
        }
        (await platform.Api.DeleteAsync($"oauth-clients/{created.Id}")).Expect(204);
        (await platform.Api.GetAsync($"oauth-clients/{created.Id}")).ExpectError(404);
    }

    [Theory]
    [InlineData("""{}""", "service-provider")]
    [InlineData("""{"service-provider":"svn"}""", "service-provider")]
    [InlineData("""{"service-provider":"github"}""", "oauth-token-string")]
    [InlineData("""{"service-provider":"github","key":"x","secret":"y"}""", "oauth-token-string")]
    [InlineData("""{"service-provider":"github","oauth-token-string":"a b"}""", "oauth-token-string")]
    [InlineData("""{"service-provider":"github","oauth-token-string":"a\nb"}""", "oauth-token-string")]
    [InlineData("""{"service-provider":"gitea","oauth-token-string":"x"}""", "http-url")]
    [InlineData("""{"service-provider":"gitea","oauth-token-string":"x","http-url":"file:///etc"}""", "http-url")]
    [InlineData("""{"service-provider":"gitea","oauth-token-string":"x","http-url":"https://user:password@host.example"}""", "http-url")]
    [InlineData("""{"service-provider":"gitea","oauth-token-string":"x","http-url":"ssh://git@host.example"}""", "http-url")]
    [InlineData("""{"service-provider":"gitea","oauth-token-string":"x","http-url":"https://-oProxyCommand=x"}""", "http-url")]
    [InlineData("""{"service-provider":"git","http-url":"ext::sh -c x"}""", "http-url")]
    [InlineData("""{"service-provider":"git","http-url":"ssh://-oProxyCommand=x/y"}""", "http-url")]
    [InlineData("""{"service-provider":"git","http-url":"ssh://git@host.example","ssh-key":"x"}""", "ssh-key")]
    [InlineData("""{"service-provider":"git","http-url":"ssh://git@host.example","known-hosts":"what"}""", "known-hosts")]
    [InlineData("""{"service-provider":"github","oauth-token-string":"x","webhook-secret":"short"}""", "webhook-secret")]
    [InlineData("""{"service-provider":"github","oauth-token-string":"x","poll-minutes":-1}""", "poll-minutes")]
    [InlineData("""{"service-provider":"github_app"}""", "app-id")]
    [InlineData("""{"service-provider":"github_app","app-id":"7"}""", "installation-id")]
    [InlineData("""{"service-provider":"github_app","app-id":"7","installation-id":"8"}""", "private-key")]
    [InlineData("""{"service-provider":"github_app","app-id":"7","installation-id":"8","private-key":"-----BEGIN x"}""", "private-key")]
    public async Task A_connection_that_could_not_work_is_refused_while_its_author_is_there(string attributes, string field)
    {
        var platform = await SharedPlatforms.OfAsync();
        var organization = await OrganizationTests.CreateAsync(platform);

        var refused = (await platform.Api.PostAsync($"organizations/{organization}/oauth-clients", ApiClient.Document("oauth-clients", JsonNode.Parse(attributes)!.AsObject()))).ExpectError(422);

        Assert.Equal($"/data/attributes/{field}", refused.Pointer);
    }

    [Fact]
    public async Task A_workspace_takes_a_repository_that_is_there_and_open_to_it_and_shows_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/network");
        await repository.PushAsync("Begin", "main", ("main.tf", ""));
        var connection = await TestConnection.CreateAsync(platform, host);
        var other = await TestConnection.CreateAsync(platform, host);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: connection.Organization);
        Task<Answer> LinkAsync(JsonObject link) => platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", new JsonObject { ["vcs-repo"] = link }));

        foreach (var link in new[]
        {
            new JsonObject { ["identifier"] = "acme/network" },
            new JsonObject { ["oauth-token-id"] = connection.TokenId },
            other.Link(repository),
            connection.Link(repository, new JsonObject { ["identifier"] = "acme/nothing" }),
            connection.Link(repository, new JsonObject { ["identifier"] = "../etc" }),
            connection.Link(repository, new JsonObject { ["identifier"] = "--upload-pack=touch" }),
            connection.Link(repository, new JsonObject { ["identifier"] = "acme/-x" }),
            connection.Link(repository, new JsonObject { ["branch"] = "nothing" }),
            connection.Link(repository, new JsonObject { ["branch"] = "--upload-pack=touch /tmp/x" }),
            connection.Link(repository, new JsonObject { ["branch"] = "a..b" }),
            connection.Link(repository, new JsonObject { ["tags-regex"] = "(" }),
            connection.Link(repository, new JsonObject { ["tags-regex"] = "(?=x)" }),
        })
        {
            Assert.Equal("/data/attributes/vcs-repo", (await LinkAsync(link)).ExpectError(422).Pointer);
        }
        Assert.StartsWith("/data/attributes/vcs-repo", (await LinkAsync(connection.Link(repository, new JsonObject { ["github-app-installation-id"] = "ghain-x" }))).ExpectError(422).Pointer, StringComparison.Ordinal);

        var linked = (await LinkAsync(connection.Link(repository, new JsonObject { ["branch"] = "main" }))).Expect(200);
        CommittedDocument.Compare("vcs-repo", linked.Attributes["vcs-repo"]!, new Dictionary<string, string>());
        Assert.Equal("acme/network", linked.Attributes["vcs-repo-identifier"]!.GetValue<string>());
        // The service was told where deliveries go.
        var hook = Assert.Single(host.Told, call => call.Path == "/repos/acme/network/hooks");
        Assert.Equal(linked.Attributes["vcs-repo"]!["webhook-url"]!.GetValue<string>(), hook.Body!["config"]!["url"]!.GetValue<string>());
        Assert.Equal(TestConnection.Given, hook.Body["config"]!["secret"]!.GetValue<string>());
        // One attribute at a time.
        Assert.Equal("semver", (await LinkAsync(new JsonObject { ["tags-regex"] = "semver" })).Expect(200).Attributes["vcs-repo"]!["tags-regex"]!.GetValue<string>());
        Assert.Equal("", (await LinkAsync(new JsonObject { ["branch"] = null })).Expect(200).Attributes["vcs-repo"]!["branch"]!.GetValue<string>());
        // Not open to its project any more.
        (await PatchAsync(platform, connection.Id, new JsonObject { ["organization-scoped"] = false })).Expect(200);
        (await LinkAsync(new JsonObject { ["branch"] = "main" })).ExpectError(422);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        (await platform.Api.PostAsync($"oauth-clients/{connection.Id}/relationships/projects", ApiLists.Of("projects", project))).Expect(204);
        Assert.Equal("main", (await LinkAsync(new JsonObject { ["branch"] = "main" })).Expect(200).Attributes["vcs-repo"]!["branch"]!.GetValue<string>());
        (await platform.Api.DeleteAsync($"oauth-clients/{connection.Id}")).Expect(204);
        Assert.Null((await workspace.ReadAsync()).Attributes["vcs-repo"]);
    }

    /// <summary>As clients of HCP Terraform know it.</summary>
    [Fact]
    public async Task A_github_app_is_listed_as_an_installation_by_which_workspaces_name_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/network");
        await repository.PushAsync("Begin", "main", ("main.tf", ""));
        using var key = RSA.Create(2048);
        var connection = await TestConnection.CreateAsync(platform, host, more: new JsonObject
        {
            ["service-provider"] = "github_app", ["name"] = TestWorkspace.NewName("app"), ["oauth-token-string"] = null,
            ["app-id"] = "7", ["installation-id"] = "54810170", ["private-key"] = key.ExportRSAPrivateKeyPem(),
        });
        var name = (await platform.Api.GetAsync($"oauth-clients/{connection.Id}")).Expect(200).Attributes["name"]!.GetValue<string>();

        var found = Assert.Single((await platform.Api.GetAsync($"github-app/installations?filter%5Bname%5D={name}&filter%5Binstallation_id%5D=54810170")).Expect(200).Json["data"]!.AsArray())!;
        var shown = (await platform.Api.GetAsync($"github-app/installation/{found["id"]}")).Expect(200);

        CommittedDocument.Compare("github-app-installation", shown.Json, new Dictionary<string, string> { [name] = "<name>", [host.Address] = "<host>" });
        Assert.Empty((await platform.Api.GetAsync("github-app/installations?filter%5Bname%5D=nothing")).Expect(200).Json["data"]!.AsArray());
        (await platform.Api.GetAsync("github-app/installation/ghain-0000000000000000")).ExpectError(404);
        JsonObject Link(string id) => new() { ["vcs-repo"] = new JsonObject { ["identifier"] = "acme/network", ["github-app-installation-id"] = id } };
        var workspace = await TestWorkspace.CreateAsync(platform.Api, Link(shown.Id), connection.Organization);
        var link = (await workspace.ReadAsync()).Attributes["vcs-repo"]!;
        // By the one or the other, as clients expect that send the whole of it again.
        Assert.Null(link["oauth-token-id"]);
        Assert.Equal((shown.Id, "github_app", "main"), (link["github-app-installation-id"]!.GetValue<string>(), link["service-provider"]!.GetValue<string>(), link["default-branch"]!.GetValue<string>()));
        // Another organisation's is not there.
        var elsewhere = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PatchAsync($"workspaces/{elsewhere.Id}", ApiClient.Document("workspaces", Link(shown.Id)))).ExpectError(422);
    }

    private static Task<Answer> PatchAsync(Platform platform, string id, JsonObject attributes) =>
        platform.Api.PatchAsync($"oauth-clients/{id}", ApiClient.Document("oauth-clients", attributes));
}
