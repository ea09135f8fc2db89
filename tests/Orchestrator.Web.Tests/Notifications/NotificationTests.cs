using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Notifications;

/// <summary>Notifications from the API to a receiver that listens, on a server that may call addresses inside.</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private Platform _platform = null!;
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _platform = await Platform.StartAsync(
            DatabaseProvider.Sqlite,
            ("Orchestrator:Notifications:AllowPrivateAddresses", "true"),
            ("Orchestrator:Notifications:Timeout", "00:00:02"),
            ("Orchestrator:Notifications:PublicAddress", "https://orchestrator.example"));
    }

    public async ValueTask DisposeAsync()
    {
        await _platform.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_run_is_told_as_documented_and_signed()
    {
        var workspace = await TestWorkspace.CreateAsync(_platform.Api);
        var created = (await CreateAsync(workspace, Generic("run:created", "run:needs_attention", "run:completed"))).Expect(201);
        var names = new Dictionary<string, string>
        {
            [workspace.Organization] = "<organization>", [workspace.Name] = "<workspace>", [_receiver.Address] = "http://receiver",
        };
        var answer = (await _platform.Api.GetAsync($"notification-configurations/{created.Id}")).Expect(200);
        Assert.DoesNotContain("the shared secret", answer.Text, StringComparison.Ordinal);
        var document = answer.Json;
        // Its date differs.
        document["data"]!["attributes"]!["delivery-responses"]![0]!["headers"] = new JsonObject();
        CommittedDocument.Compare("notification-configuration", document, names);
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync(new JsonObject { ["message"] = "Say hello" });
        await run.ReachAsync("planned");
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");

        await Wait.UntilAsync("all notifications", () => _receiver.Received.Count == 4);
        var told = _receiver.Received.ToArray();
        Assert.All(told, notification => Assert.Equal(
            Convert.ToHexStringLower(HMACSHA512.HashData(Encoding.UTF8.GetBytes("the shared secret"), notification.Body)),
            notification.Headers["X-TFE-Notification-Signature"]));
        CommittedDocument.Compare("notification-verification", JsonNode.Parse(told[0].Body)!, names);
        var triggers = told.Skip(1).Select(notification => JsonNode.Parse(notification.Body)!)
            .ToDictionary(body => body["notifications"]![0]!["trigger"]!.GetValue<string>());
        Assert.Equal(["run:completed", "run:created", "run:needs_attention"], triggers.Keys.Order(StringComparer.Ordinal));
        CommittedDocument.Compare("notification-run", triggers["run:created"], names);
        await Wait.ForAsync("the log of deliveries", async () =>
            (await _platform.Api.GetAsync($"notification-configurations/{created.Id}")).Expect(200).Attributes["delivery-responses"]!.AsArray() is { Count: 4 } log
            && log.All(delivery => delivery!["successful"]!.GetValue<string>() == "true" && delivery["code"]!.GetValue<string>() == "200") ? "" : null);
    }

    [Fact]
    public async Task A_configuration_whose_receiver_refuses_the_verification_is_not_saved()
    {
        var workspace = await TestWorkspace.CreateAsync(_platform.Api);
        _receiver.Answer = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };

        Assert.Contains("500", (await CreateAsync(workspace, Generic("run:created"))).ExpectError(400).Text, StringComparison.Ordinal);

        Assert.Empty((await ListAsync(workspace)).AsArray());
        var off = Generic("run:created");
        off["enabled"] = false;
        var saved = (await CreateAsync(workspace, off)).Expect(201);
        (await PatchAsync(saved.Id, new JsonObject { ["enabled"] = true })).ExpectError(400);
        (await _platform.Api.PostAsync($"notification-configurations/{saved.Id}/actions/verify")).ExpectError(400);
        var after = (await _platform.Api.GetAsync($"notification-configurations/{saved.Id}")).Expect(200).Attributes;
        Assert.False(after["enabled"]!.GetValue<bool>());
        Assert.Equal(["false", "false"], after["delivery-responses"]!.AsArray().Select(delivery => delivery!["successful"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_or_sends_elsewhere_gets_nothing_more()
    {
        var workspace = await TestWorkspace.CreateAsync(_platform.Api);
        _receiver.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        (await CreateAsync(workspace, Generic("run:created"))).ExpectError(400);

        _receiver.Answer = context =>
        {
            context.Response.Redirect($"{_receiver.Address}/elsewhere");
            return Task.CompletedTask;
        };
        Assert.Contains("302", (await CreateAsync(workspace, Generic("run:created"))).ExpectError(400).Text, StringComparison.Ordinal);

        Assert.DoesNotContain(_receiver.Received, received => received.Path == "/elsewhere");
    }

    [Fact]
    public async Task What_a_receiver_answers_is_kept_in_bounds()
    {
        var workspace = await TestWorkspace.CreateAsync(_platform.Api);
        _receiver.Answer = async context =>
        {
            context.Response.Headers["X-Long"] = new string('x', 5000);
            context.Response.Headers.SetCookie = "session=secret";
            await context.Response.WriteAsync(new string('y', 100_000));
        };

        var created = (await CreateAsync(workspace, Generic("run:created"))).Expect(201);

        var delivery = (await _platform.Api.GetAsync($"notification-configurations/{created.Id}")).Expect(200).Attributes["delivery-responses"]![0]!;
        Assert.Equal(4096, delivery["body"]!.GetValue<string>().Length);
        Assert.Equal(500, delivery["headers"]!["x-long"]![0]!.GetValue<string>().Length);
        Assert.Null(delivery["headers"]!["set-cookie"]);
    }

    [Fact]
    public async Task Chats_get_their_own_forms_in_which_nobodys_message_is_a_command()
    {
        var workspace = await TestWorkspace.CreateAsync(_platform.Api);
        await workspace.UploadSampleAsync("hello");
        foreach (var destination in new[] { "slack", "microsoft-teams" })
        {
            var wanted = Generic("run:created");
            wanted["destination-type"] = destination;
            wanted["url"] = $"{_receiver.Address}/{destination}";
            (await CreateAsync(workspace, wanted)).Expect(201);
        }

        await workspace.StartAsync(new JsonObject { ["message"] = "<!channel> & all" });

        await Wait.UntilAsync("both chats", () => _receiver.Received.Count == 4);
        var slack = JsonNode.Parse(_receiver.Received.Last(received => received.Path == "/slack").Body)!["text"]!.GetValue<string>();
        Assert.Contains("&lt;!channel&gt; &amp; all", slack, StringComparison.Ordinal);
        Assert.DoesNotContain(_receiver.Received, received => received.Headers.ContainsKey("X-TFE-Notification-Signature"));
        var card = JsonNode.Parse(_receiver.Received.Last(received => received.Path == "/microsoft-teams").Body)!["attachments"]![0]!;
        Assert.Equal("application/vnd.microsoft.card.adaptive", card["contentType"]!.GetValue<string>());
    }

    private static JsonObject Generic(params string[] triggers) => new()
    {
        ["name"] = "Operators",
        ["destination-type"] = "generic",
        ["enabled"] = true,
        ["token"] = "the shared secret",
        ["triggers"] = new JsonArray([.. triggers.Select(trigger => (JsonNode)trigger)]),
    };

    private Task<Answer> CreateAsync(TestWorkspace workspace, JsonObject attributes)
    {
        attributes["url"] ??= $"{_receiver.Address}/hook";
        return _platform.Api.PostAsync(
            $"workspaces/{workspace.Id}/notification-configurations", ApiClient.Document("notification-configurations", attributes));
    }

    private Task<Answer> PatchAsync(string id, JsonObject attributes) =>
        _platform.Api.PatchAsync($"notification-configurations/{id}", ApiClient.Document("notification-configurations", attributes));

    private async Task<JsonNode> ListAsync(TestWorkspace workspace) =>
        (await _platform.Api.GetAsync($"workspaces/{workspace.Id}/notification-configurations")).Expect(200).Data;
}
