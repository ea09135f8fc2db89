using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Web.Api;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Demo;

/// <summary>The few calls of the API that the demo makes, as any script would make them.</summary>
internal sealed class DemoApi(string address) : IDisposable
{
    /// <summary>Lives as long as this process.</summary>
    public static readonly string Token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private readonly HttpClient _http = new() { BaseAddress = new Uri(address + ApiRoutes.Root + "/") };

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public async Task<JsonElement> CreateAsync(
        string path, JsonObject attributes, CancellationToken cancellationToken, JsonObject? relationships = null) =>
        await SendAsync(HttpMethod.Post, path, new JsonObject
        {
            ["data"] = new JsonObject { ["attributes"] = attributes, ["relationships"] = relationships },
        }, cancellationToken);

    public Task ActAsync(string path, string comment, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, new JsonObject { ["comment"] = comment }, cancellationToken);

    /// <summary>Packs a directory and sends it to a signed link, as the CLI does.</summary>
    public async Task UploadAsync(string link, string directory, CancellationToken cancellationToken)
    {
        using var archive = new MemoryStream();
        await using (var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        {
            await TarFile.CreateFromDirectoryAsync(directory, zip, includeBaseDirectory: false, cancellationToken);
        }
        using var content = new ByteArrayContent(archive.ToArray());
        using var answer = await _http.PutAsync(link, content, cancellationToken);
        await RequireAsync(answer, cancellationToken);
    }

    /// <summary>What a log has from an offset on.</summary>
    public async Task<byte[]> ReadLogAsync(string link, long offset, CancellationToken cancellationToken) =>
        await _http.GetByteArrayAsync($"{link}?limit=65536&offset={offset}", cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, JsonApiResult.MediaType);
        }
        using var answer = await _http.SendAsync(request, cancellationToken);
        var text = await RequireAsync(answer, cancellationToken);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.GetProperty("data");
    }

    private static async Task<string> RequireAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? text : throw new HttpRequestException($"{answer.RequestMessage?.RequestUri} answered {text}");
    }
}
