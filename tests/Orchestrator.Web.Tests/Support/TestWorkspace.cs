using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A workspace, driven through the API alone.</summary>
public sealed class TestWorkspace
{
    private readonly ApiClient _api;

    private TestWorkspace(ApiClient api, string organization, string id, string name) => (_api, Organization, Id, Name) = (api, organization, id, name);

    public string Organization { get; }

    public string Id { get; }

    public string Name { get; }

    public static string NewName(string kind) => $"{kind}-{Guid.NewGuid():N}"[..20];

    public static async Task<TestWorkspace> CreateAsync(
        ApiClient api, JsonObject? settings = null, string? organization = null, string? name = null)
    {
        var owner = organization ?? NewName("org");
        // Another test may have made it already.
        await api.PostAsync("organizations", ApiClient.Document("organizations", new JsonObject { ["name"] = owner }));
        var attributes = settings ?? [];
        attributes["name"] = name ?? NewName("ws");
        var created = (await api.PostAsync($"organizations/{owner}/workspaces", ApiClient.Document("workspaces", attributes))).Expect(201);
        return new TestWorkspace(api, owner, created.Id, created.Attributes["name"]!.GetValue<string>());
    }

    /// <summary>The same workspace, driven by another client.</summary>
    public TestWorkspace Through(ApiClient api) => new(api, Organization, Id, Name);

    public async Task<Answer> ReadAsync() => (await _api.GetAsync($"workspaces/{Id}")).Expect(200);

    public async Task<bool> IsLockedAsync() => (await ReadAsync()).Attributes["locked"]!.GetValue<bool>();

    /// <summary>Takes its lock, as whoever created it.</summary>
    public async Task LockAsync() => (await _api.PostAsync($"workspaces/{Id}/actions/lock")).Expect(200);

    public async Task UnlockAsync() => (await _api.PostAsync($"workspaces/{Id}/actions/unlock")).Expect(200);

    public async Task SetAsync(string key, string value, string category = "terraform", bool hcl = false, bool sensitive = false) =>
        (await _api.PostAsync($"workspaces/{Id}/vars", ApiClient.Document("vars", new JsonObject
        {
            ["key"] = key,
            ["value"] = value,
            ["category"] = category,
            ["hcl"] = hcl,
            ["sensitive"] = sensitive,
        }))).Expect(201);

    public Task SetEnvironmentAsync(string key, string value) => SetAsync(key, value, "env");

    /// <summary>A configuration version that waits for its upload.</summary>
    public async Task<(string Id, string UploadUrl)> AnnounceAsync(JsonObject? attributes = null)
    {
        var created = (await _api.PostAsync($"workspaces/{Id}/configuration-versions", ApiClient.Document(
            "configuration-versions", attributes ?? new JsonObject { ["auto-queue-runs"] = false }))).Expect(201);
        return (created.Id, created.Attributes["upload-url"]!.GetValue<string>());
    }

    public async Task<string> UploadAsync(byte[] archive, JsonObject? attributes = null)
    {
        var (id, url) = await AnnounceAsync(attributes);
        using var anonymous = new ApiClient(new Uri(url));
        (await anonymous.PutAsync(url, archive)).Expect(200);
        return id;
    }

    public Task<string> UploadAsync(string main) => UploadAsync(Archive.Of(("main.tf", main)));

    public Task<string> UploadSampleAsync(string name) => UploadAsync(Archive.OfSample(name));

    public async Task<TestRun> StartAsync(JsonObject? attributes = null, string? configuration = null)
    {
        List<(string, string, string)> relationships = [("workspace", "workspaces", Id)];
        if (configuration is not null)
        {
            relationships.Add(("configuration-version", "configuration-versions", configuration));
        }
        return new TestRun(_api, (await _api.PostAsync("runs", ApiClient.Document("runs", attributes, [.. relationships]))).Expect(201));
    }

    /// <summary>Plans and applies what was uploaded.</summary>
    public async Task<TestRun> ApplyAsync(JsonObject? attributes = null)
    {
        var wanted = attributes ?? [];
        wanted["auto-apply"] = true;
        var run = await StartAsync(wanted);
        await run.ReachAsync("applied");
        return run;
    }

    /// <summary>The run that an upload or a queue has put in front; null when there is none.</summary>
    /// <param name="operation">Only such runs; those that only plan are not told otherwise.</param>
    public async Task<IReadOnlyList<TestRun>> RunsAsync(string? operation = null) =>
        [.. (await _api.GetAsync($"workspaces/{Id}/runs{(operation is null ? "" : $"?filter%5Boperation%5D={operation}")}")).Expect(200).Json["data"]!.AsArray().Select(run => new TestRun(_api, run!))];

    /// <summary>The raw current state; null when there is none.</summary>
    public async Task<JsonNode?> StateAsync()
    {
        var current = await _api.GetAsync($"workspaces/{Id}/current-state-version");
        return current.Status == 404
            ? null
            : (await _api.GetAsync(current.Expect(200).Attributes["hosted-state-download-url"]!.GetValue<string>())).Expect(200).Json;
    }

    /// <summary>The addresses in the current state, each with an index as terraform writes it; tainted ones end in an exclamation mark.</summary>
    public async Task<IReadOnlyList<string>> ResourcesAsync() =>
        [.. ((await StateAsync())?["resources"]?.AsArray() ?? []).Where(resource => resource!["mode"]!.GetValue<string>() == "managed").SelectMany(resource => resource!["instances"]!.AsArray().Select(instance =>
            $"{resource["type"]}.{resource["name"]}{(instance!["index_key"] is { } index ? $"[{index}]" : "")}"
            + (instance["status"]?.GetValue<string>() == "tainted" ? "!" : "")))];

    public async Task<string?> OutputAsync(string name) => (await StateAsync())?["outputs"]?[name]?["value"]?.ToJsonString();
}
