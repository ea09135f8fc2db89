using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Notifications;

/// <summary>On a server as it is out of the box, which calls nothing inside.</summary>
public sealed class NotificationRefusalTests
{
    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://localhost:1/")]
    [InlineData("http://[::1]:1/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://10.0.0.1/")]
    public async Task No_notification_goes_to_an_address_inside(string url)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        var answer = (await CreateAsync(platform, workspace, new JsonObject { ["url"] = url, ["enabled"] = true })).ExpectError(400);

        Assert.Contains("inside", answer.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty((await platform.Api.GetAsync($"workspaces/{workspace.Id}/notification-configurations")).Expect(200).Data.AsArray());
    }

    [Theory]
    [InlineData("""{"url": "file:///etc/passwd"}""", "url")]
    [InlineData("""{"url": "http://example.com/\r\nX-Evil: 1"}""", "url")]
    [InlineData("""{"url": "http://user:password@example.com/"}""", "url")]
    [InlineData("""{"url": "not a url"}""", "url")]
    [InlineData("""{"url": null}""", "url")]
    [InlineData("""{"name": ""}""", "name")]
    [InlineData("""{"name": "a\nb"}""", "name")]
    [InlineData("""{"destination-type": "pager"}""", "destination-type")]
    [InlineData("""{"destination-type": "email", "email-addresses": ["ops"]}""", "email-addresses")]
    [InlineData("""{"destination-type": "email", "enabled": true}""", "email-addresses")]
    [InlineData("""{"triggers": ["assessment:drifted"]}""", "triggers")]
    [InlineData("""{"triggers": [null]}""", "triggers")]
    [InlineData("""{"enabled": "yes"}""", "enabled")]
    public async Task What_cannot_be_told_is_refused_with_a_pointer(string attributes, string field)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var wanted = new JsonObject { ["url"] = "https://example.com/hook" };
        foreach (var (name, value) in JsonNode.Parse(attributes)!.AsObject())
        {
            wanted[name] = value?.DeepClone();
        }

        Assert.Equal($"/data/attributes/{field}", (await CreateAsync(platform, workspace, wanted)).ExpectError(422).Pointer);
    }

    [Fact]
    public async Task Where_there_is_no_mail_server_whoever_wants_mail_is_told_so_when_it_is_tried()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var wanted = new JsonObject { ["destination-type"] = "email", ["email-addresses"] = new JsonArray("ops@example.com") };

        var created = (await CreateAsync(platform, workspace, wanted)).Expect(201);

        Assert.Contains("no mail server", (await platform.Api.PostAsync($"notification-configurations/{created.Id}/actions/verify")).ExpectError(400).Text, StringComparison.Ordinal);
        Assert.Contains("no mail server", (await platform.Api.PatchAsync(
            $"notification-configurations/{created.Id}", Document(new JsonObject { ["enabled"] = true }, isNew: false))).ExpectError(400).Text, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_configuration_can_be_listed_changed_and_deleted(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        var created = (await CreateAsync(platform, workspace, new JsonObject { ["url"] = "https://example.com/hook", ["token"] = "secret-token-1" })).Expect(201);
        var ofProject = (await platform.Api.PostAsync($"projects/{project}/notification-configurations", Document(
            new JsonObject { ["url"] = "https://example.com/all" }))).Expect(201);

        Assert.Equal(workspace.Id, created.RelatedId("subscribable"));
        Assert.Equal(project, ofProject.RelatedId("subscribable"));
        var changed = (await platform.Api.PatchAsync($"notification-configurations/{created.Id}", Document(
            new JsonObject { ["name"] = "Renamed", ["triggers"] = new JsonArray("run:errored") }, isNew: false))).Expect(200);
        Assert.Equal("Renamed", changed.Attributes["name"]!.GetValue<string>());
        Assert.Null(changed.Attributes["token"]);
        (await platform.Api.PatchAsync($"notification-configurations/{created.Id}", Document(
            new JsonObject { ["destination-type"] = "slack" }, isNew: false))).ExpectError(422);
        Assert.Single((await platform.Api.GetAsync($"projects/{project}/notification-configurations")).Expect(200).Data.AsArray());
        (await platform.Api.DeleteAsync($"notification-configurations/{created.Id}")).Expect(204);
        (await platform.Api.GetAsync($"notification-configurations/{created.Id}")).ExpectError(404);
        Assert.Empty((await platform.Api.GetAsync($"workspaces/{workspace.Id}/notification-configurations")).Expect(200).Data.AsArray());
    }

    [Theory, EachDatabase]
    public async Task Addresses_and_tokens_rest_encrypted(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var created = (await CreateAsync(platform, workspace, new JsonObject
        {
            ["url"] = "https://example.com/only-i-know", ["token"] = "secret-token-2",
        })).Expect(201);

        await using var db = platform.Open();
        var stored = db.NotificationConfigurations.Single(row => row.Id == new NotificationConfigurationId(created.Id));

        Assert.DoesNotContain("only-i-know", System.Text.Encoding.Latin1.GetString(stored.ProtectedUrl!), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token-2", System.Text.Encoding.Latin1.GetString(stored.ProtectedToken!), StringComparison.Ordinal);
    }

    private static Task<Answer> CreateAsync(Platform platform, TestWorkspace workspace, JsonObject attributes) =>
        platform.Api.PostAsync($"workspaces/{workspace.Id}/notification-configurations", Document(attributes));

    private static JsonObject Document(JsonObject attributes, bool isNew = true)
    {
        if (isNew)
        {
            attributes["name"] ??= "Operators";
            attributes["destination-type"] ??= "generic";
        }
        return ApiClient.Document("notification-configurations", attributes);
    }
}
