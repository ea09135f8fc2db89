using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>The few calls of the API that the suites make, as any client would make them.</summary>
internal sealed class ApiClient : IDisposable
{
    private const string MediaType = "application/vnd.api+json";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private static readonly string[] Final = ["applied", "planned_and_finished", "errored", "canceled", "discarded"];

    public ApiClient(string address)
    {
        Http = new HttpClient { BaseAddress = new Uri(address + "/api/v2/"), Timeout = TimeSpan.FromMinutes(10) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.AdminToken);
    }

    public HttpClient Http { get; }

    public Task CreateOrganizationAsync(string name) => CreateAsync("organizations", new JsonObject { ["name"] = name });

    /// <summary>A workspace that applies by itself, with its configuration uploaded.</summary>
    public async Task<string> CreateWorkspaceAsync(string organization, string name, string? configuration = null)
    {
        var workspace = IdOf(await CreateAsync(
            $"organizations/{organization}/workspaces", new JsonObject { ["name"] = name, ["auto-apply"] = true }));
        if (configuration is not null)
        {
            var version = await CreateAsync($"workspaces/{workspace}/configuration-versions", new JsonObject { ["auto-queue-runs"] = false });
            await UploadAsync(version.GetProperty("attributes").GetProperty("upload-url").GetString()!, configuration);
        }
        return workspace;
    }

    public Task SetEnvironmentAsync(string workspace, string key, string value) => CreateAsync(
        $"workspaces/{workspace}/vars", new JsonObject { ["key"] = key, ["value"] = value, ["category"] = "env" });

    /// <param name="who">The value of the sample's variable, as a run's own.</param>
    public async Task<string> CreateRunAsync(string workspace, string? who = null)
    {
        var attributes = new JsonObject { ["message"] = "Measured" };
        if (who is not null)
        {
            attributes["variables"] = new JsonArray(new JsonObject { ["key"] = "who", ["value"] = $"\"{who}\"" });
        }
        return IdOf(await CreateAsync("runs", attributes, new JsonObject
        {
            ["workspace"] = new JsonObject { ["data"] = new JsonObject { ["type"] = "workspaces", ["id"] = workspace } },
        }));
    }

    /// <summary>Looks at the run until it is over, which must be by being applied.</summary>
    /// <param name="look">How often; looking costs the server time. Default: 10 ms.</param>
    /// <returns>When it was applied, by the clock of this machine.</returns>
    public async Task<DateTimeOffset> WaitUntilAppliedAsync(string run, TimeSpan? look = null)
    {
        while (true)
        {
            var attributes = (await GetAsync($"runs/{run}")).GetProperty("attributes");
            var status = attributes.GetProperty("status").GetString()!;
            if (status == "applied")
            {
                return attributes.GetProperty("status-timestamps").GetProperty("applied-at").GetDateTimeOffset();
            }
            if (Final.Contains(status))
            {
                throw new InvalidOperationException($"Run {run} ended {status}: {attributes}");
            }
            await Task.Delay(look ?? Look);
        }
    }

    /// <summary>From the request that creates a run to the sight of it being applied.</summary>
    public async Task<(string Run, TimeSpan Took)> RunAsync(string workspace)
    {
        var started = Stopwatch.GetTimestamp();
        var run = await CreateRunAsync(workspace);
        await WaitUntilAppliedAsync(run);
        return (run, Stopwatch.GetElapsedTime(started));
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        return await DataOfAsync(answer);
    }

    public void Dispose() => Http.Dispose();

    public Task<JsonElement> PostAsync(string path, JsonObject attributes) => CreateAsync(path, attributes);

    private async Task<JsonElement> CreateAsync(string path, JsonObject attributes, JsonObject? relationships = null)
    {
        var body = new JsonObject
        {
            ["data"] = new JsonObject { ["attributes"] = attributes, ["relationships"] = relationships },
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaType);
        using var answer = await Http.PostAsync(path, content);
        return await DataOfAsync(answer);
    }

    private async Task UploadAsync(string link, string directory)
    {
        using var archive = new MemoryStream();
        await using (var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        {
            await TarFile.CreateFromDirectoryAsync(directory, zip, includeBaseDirectory: false);
        }
        using var content = new ByteArrayContent(archive.ToArray());
        using var answer = await Http.PutAsync(link, content);
        answer.EnsureSuccessStatusCode();
    }

    private static string IdOf(JsonElement resource) => resource.GetProperty("id").GetString()!;

    private static async Task<JsonElement> DataOfAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement.GetProperty("data")
            : throw new HttpRequestException($"{answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode}: {text}");
    }
}
