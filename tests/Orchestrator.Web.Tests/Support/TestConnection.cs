using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Vcs;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A connection to a <see cref="CodeHost"/>, made through the API, and the host's deliveries.</summary>
internal sealed class TestConnection
{
    private readonly Platform _platform;
    private readonly string _secret;

    private TestConnection(Platform platform, string organization, Answer created, string door)
    {
        (_platform, Organization, Id, Door) = (platform, organization, created.Id, door);
        TokenId = created.Data["relationships"]!["oauth-tokens"]!["data"]![0]!["id"]!.GetValue<string>();
        _secret = created.Attributes["webhook-secret"]?.GetValue<string>() ?? Given;
    }

    public const string Given = Planted.Mark + "of-a-webhook-0123456789";

    public string Organization { get; }

    public string Id { get; }

    public string TokenId { get; }

    public string Door { get; }

    public static async Task<TestConnection> CreateAsync(Platform platform, CodeHost host, string? organization = null, JsonObject? more = null)
    {
        var owner = organization ?? TestWorkspace.NewName("org");
        await platform.Api.PostAsync("organizations", ApiClient.Document("organizations", new JsonObject { ["name"] = owner }));
        var attributes = new JsonObject
        {
            ["service-provider"] = "github_enterprise", ["http-url"] = host.Address, ["api-url"] = $"{host.Address}/api/v3", ["oauth-token-string"] = host.Token,
            ["webhook-secret"] = Given,
        };
        foreach (var (name, value) in more ?? [])
        {
            attributes[name] = value?.DeepClone();
        }
        var created = (await platform.Api.PostAsync($"organizations/{owner}/oauth-clients", ApiClient.Document("oauth-clients", attributes))).Expect(201);
        return new TestConnection(platform, owner, created, VcsService.Find(attributes["service-provider"]!.GetValue<string>())!.Door);
    }

    /// <summary>A workspace that takes its configuration from a repository.</summary>
    public Task<TestWorkspace> LinkAsync(TestRepository repository, JsonObject? settings = null, JsonObject? link = null, string? name = null)
    {
        var attributes = settings ?? [];
        attributes["vcs-repo"] = Link(repository, link);
        attributes["queue-all-runs"] ??= true;
        return TestWorkspace.CreateAsync(_platform.Api, attributes, Organization, name);
    }

    public JsonObject Link(TestRepository repository, JsonObject? more = null)
    {
        var link = new JsonObject { ["identifier"] = repository.Name, ["oauth-token-id"] = TokenId };
        foreach (var (name, value) in more ?? [])
        {
            link[name] = value?.DeepClone();
        }
        return link;
    }

    /// <summary>As GitHub tells of a push.</summary>
    public static JsonObject Push(TestRepository repository, string after, string? before = null, string reference = "refs/heads/main", string? message = null, string[]? files = null) => new()
    {
        ["ref"] = reference,
        ["before"] = before ?? new string('0', 40),
        ["after"] = after,
        ["compare"] = $"https://host.example/{repository.Name}/compare/x",
        ["forced"] = false,
        ["deleted"] = false,
        ["commits"] = files is null ? [] : new JsonArray(new JsonObject
        {
            ["id"] = after, ["added"] = new JsonArray(), ["removed"] = new JsonArray(), ["modified"] = new JsonArray([.. files.Select(file => (JsonNode)file)]),
        }),
        ["head_commit"] = new JsonObject { ["id"] = after, ["message"] = message ?? "Change it", ["url"] = $"https://host.example/{repository.Name}/commit/{after}", ["author"] = new JsonObject { ["name"] = "Ada" } },
        ["repository"] = new JsonObject { ["full_name"] = repository.Name, ["default_branch"] = "main" },
        ["sender"] = new JsonObject { ["login"] = "ada", ["avatar_url"] = "https://host.example/ada.png", ["html_url"] = "https://host.example/ada" },
    };

    /// <summary>As GitHub tells of a pull request.</summary>
    public static JsonObject PullRequest(TestRepository repository, string head, string action = "opened", int number = 7, string branch = "feature", string? fork = null, string title = "Grow the network") => new()
    {
        ["action"] = action,
        ["number"] = number,
        ["pull_request"] = new JsonObject
        {
            ["number"] = number, ["title"] = title, ["body"] = "It is too small.", ["html_url"] = $"https://host.example/{repository.Name}/pull/{number}",
            ["head"] = new JsonObject { ["sha"] = head, ["ref"] = branch, ["repo"] = new JsonObject { ["full_name"] = fork ?? repository.Name } },
            ["base"] = new JsonObject { ["ref"] = "main", ["repo"] = new JsonObject { ["full_name"] = repository.Name, ["default_branch"] = "main" } },
        },
        ["repository"] = new JsonObject { ["full_name"] = repository.Name },
        ["sender"] = new JsonObject { ["login"] = "ada" },
    };

    public Task<Answer> DeliverAsync(string name, JsonNode payload, string? id = null) => SendAsync(name, Encoding.UTF8.GetBytes(payload.ToJsonString()), id);

    public Task<Answer> SendAsync(string name, byte[] body, string? id = null, string? signature = null, string? door = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return _platform.Anonymous.SendAsync(HttpMethod.Post, $"/webhooks/{door ?? Door}/{Id}", content, headers =>
        {
            var delivery = id ?? Guid.NewGuid().ToString();
            var hmac = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(_secret), body));
            (string Name, string Value)[] proof = Door switch
            {
                "gitlab" => [("X-Gitlab-Event", name), ("Idempotency-Key", delivery), ("X-Gitlab-Token", _secret)],
                "gitea" => [("X-Gitea-Event", name), ("X-Gitea-Delivery", delivery), ("X-Gitea-Signature", hmac)],
                "bitbucket" => [("X-Event-Key", name), ("X-Request-UUID", delivery), ("X-Hub-Signature", $"sha256={hmac}")],
                "ado" => [("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"hook:{_secret}"))}")],
                _ => [("X-GitHub-Event", name), ("X-Event", name), ("X-GitHub-Delivery", delivery), ("X-Hub-Signature-256", signature ?? $"sha256={hmac}")],
            };
            foreach (var (header, value) in proof.Where(row => signature is not "" || !row.Name.Contains("Signature", StringComparison.Ordinal)))
            {
                headers.TryAddWithoutValidation(header, value);
            }
        });
    }

    /// <summary>Delivers, and waits for its end in the log.</summary>
    public async Task<Answer> HandleAsync(string name, JsonNode payload)
    {
        var id = (await DeliverAsync(name, payload)).Expect(202).Json["delivery"]!.GetValue<string>();
        return await EndOfAsync(id);
    }

    public Task<Answer> EndOfAsync(string delivery) => Wait.ForAsync($"delivery {delivery} to end", async () =>
        (await _platform.Api.GetAsync($"vcs-events/{delivery}")).Expect(200) is var answer && answer.Attributes["status"]!.GetValue<string>() != "received" ? answer : null);

    /// <summary>What a delivery has meant, by workspace: <c>queued</c>, or why not.</summary>
    public static IReadOnlyDictionary<string, string> OutcomesOf(Answer delivery) => delivery.Attributes["outcomes"]!.AsArray().ToDictionary(
        outcome => outcome!["workspace-name"]!.GetValue<string>(),
        outcome => outcome!["decision"]!.GetValue<string>() is "queued" ? "queued" : outcome["reason"]!.GetValue<string>());

    public async Task<IReadOnlyList<JsonNode>> LogAsync() =>
        [.. (await _platform.Api.GetAsync($"organizations/{Organization}/vcs-events?filter%5Boauth-client%5D%5Bid%5D={Id}")).Expect(200).Json["data"]!.AsArray().Select(row => row!)];
}

internal static class Payloads
{
    /// <summary>The same payload with another member.</summary>
    public static JsonObject But(this JsonObject payload, string name, JsonNode? value)
    {
        payload[name] = value;
        return payload;
    }
}
