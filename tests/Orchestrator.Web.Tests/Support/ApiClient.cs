using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Speaks HTTP to the server as one caller. Follows no redirect and keeps no cookie by itself.</summary>
public sealed class ApiClient(Uri address, string? token = null) : IDisposable
{
    public const string JsonApi = "application/vnd.api+json";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        BaseAddress = address,
        Timeout = Wait.Limit,
    };

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Answer> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, Content(body));

    public Task<Answer> PatchAsync(string path, JsonNode body) => SendAsync(HttpMethod.Patch, path, Content(body));

    public Task<Answer> PutAsync(string path, byte[] body) => SendAsync(HttpMethod.Put, path, new ByteArrayContent(body));

    public Task<Answer> SendTextAsync(HttpMethod method, string path, string body) =>
        SendAsync(method, path, new StringContent(body, Encoding.UTF8, JsonApi));

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, HttpContent? content = null, Action<HttpRequestHeaders>? headers = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') || path.StartsWith("http", StringComparison.Ordinal) ? path : $"/api/v2/{path}");
        request.Content = content;
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        headers?.Invoke(request.Headers);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(
            $"{method} {request.RequestUri}", (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(),
            response.Headers, response.Content.Headers);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A document as clients send it.</summary>
    public static JsonObject Document(string type, JsonObject? attributes = null, params (string Name, string Type, string Id)[] relationships)
    {
        var data = new JsonObject { ["type"] = type, ["attributes"] = attributes ?? [] };
        if (relationships.Length > 0)
        {
            data["relationships"] = new JsonObject(relationships.Select(relationship => KeyValuePair.Create<string, JsonNode?>(
                relationship.Name,
                new JsonObject { ["data"] = new JsonObject { ["type"] = relationship.Type, ["id"] = relationship.Id } })));
        }
        return new JsonObject { ["data"] = data };
    }

    private static StringContent? Content(JsonNode? body) =>
        body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, JsonApi);
}
