using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Web.Hosting;

namespace Orchestrator.BrowserTests.Screenshots;

/// <summary>A server with the simulator's AWS beside it, and the few calls of the API that fill it.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orchestrator-screenshots-");
    private readonly HttpClient _http = new();
    private WebApplication? _server;

    public string Address { get; private set; } = "";

    public IServiceProvider Services => _server!.Services;

    public static async Task<Installation> StartAsync()
    {
        var installation = new Installation();
        installation._server = await WebServer.BuildAsync(["--urls", "http://127.0.0.1:0;https://127.0.0.1:0"], installation.Configure);
        await installation._server.StartAsync();
        installation.Address = installation._server.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal));
        installation._http.BaseAddress = new Uri(installation.Address + "/api/v2/");
        installation._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Site.AdminToken);
        return installation;
    }

    public Task<string> CreateAsync(string path, object attributes, params (string Name, string Type, string Id)[] related)
    {
        var relationships = new JsonObject(related.Select(other => KeyValuePair.Create<string, JsonNode?>(
            other.Name, new JsonObject { ["data"] = new JsonObject { ["type"] = other.Type, ["id"] = other.Id } })));
        return SendAsync(HttpMethod.Post, path, new JsonObject
        {
            ["data"] = new JsonObject { ["attributes"] = JsonSerializer.SerializeToNode(attributes), ["relationships"] = relationships },
        });
    }

    public Task<string> ActAsync(string path, string? comment = null) => SendAsync(HttpMethod.Post, path, new JsonObject { ["comment"] = comment });

    /// <summary>A run on this configuration, as far as it goes by itself.</summary>
    /// <returns>Its id and where it stopped.</returns>
    public async Task<(string Id, string Status)> RunAsync(string workspace, byte[] archive, string message, bool planOnly = false, bool wait = true)
    {
        var version = await GetAsync(HttpMethod.Post, $"workspaces/{workspace}/configuration-versions",
            new JsonObject { ["data"] = new JsonObject { ["attributes"] = new JsonObject { ["auto-queue-runs"] = false } } });
        using var content = new ByteArrayContent(archive);
        using var uploaded = await _http.PutAsync(version.GetProperty("attributes").GetProperty("upload-url").GetString(), content);
        uploaded.EnsureSuccessStatusCode();
        var run = await CreateAsync("runs", new Dictionary<string, object> { ["message"] = message, ["plan-only"] = planOnly },
            ("workspace", "workspaces", workspace), ("configuration-version", "configuration-versions", version.GetProperty("id").GetString()!));
        return (run, wait ? await SettleAsync(run) : "pending");
    }

    public async Task<string> ApplyAsync(string workspace, byte[] archive, string message)
    {
        var (run, status) = await RunAsync(workspace, archive, message);
        if (status == "planned")
        {
            await ActAsync($"runs/{run}/actions/apply", "Looks right.");
            await SettleAsync(run, after: "planned");
        }
        return run;
    }

    /// <summary>Waits until a run waits for a person, or is over.</summary>
    public async Task<string> SettleAsync(string run, string? after = null)
    {
        string[] settled = ["planned", "planned_and_finished", "applied", "errored", "canceled", "discarded"];
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Look)
        {
            var status = (await GetAsync(HttpMethod.Get, $"runs/{run}")).GetProperty("attributes").GetProperty("status").GetString()!;
            if (status != after && settled.Contains(status))
            {
                return status;
            }
            await Task.Delay(Look);
        }
        throw new TimeoutException($"{run} does not settle.");
    }

    public async Task<string> SendAsync(HttpMethod method, string path, JsonObject? body) =>
        await GetAsync(method, path, body) is { ValueKind: JsonValueKind.Object } data ? data.GetProperty("id").GetString()! : "";

    public async Task<JsonElement> GetAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/vnd.api+json");
        }
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return !answer.IsSuccessStatusCode ? throw new HttpRequestException($"{method} {path} answered {text}")
            : text.Length > 0 && JsonDocument.Parse(text).RootElement.TryGetProperty("data", out var data) ? data : default;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_server is not null)
        {
            await _server.StopAsync();
            await _server.DisposeAsync();
        }
        Terraform.DirectoryRemoval.Remove(_data.FullName);
    }

    private void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orchestrator:DataDirectory"] = _data.FullName,
            ["Orchestrator:AdminToken"] = Site.AdminToken,
            ["Orchestrator:Api:RateLimit"] = "0",
            ["Orchestrator:AwsSimulator:Enabled"] = "true",
            ["Orchestrator:AwsSimulator:Url"] = "http://127.0.0.1:0",
            ["Orchestrator:Sandbox"] = "off",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Error);
    }
}
