using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Reads what clients send. They send the API's media type with empty and with plain bodies, and scripts send what their tool
/// sends by itself: only a type that cannot be meant for JSON is refused.</summary>
public static class ApiRequests
{
    private const int MaxDocument = 4 * 1024 * 1024;
    private const string Resource = "/data";

    // What a command line sends when nobody tells it otherwise, or cannot know better.
    private static readonly string[] Careless = ["application/x-www-form-urlencoded", "application/octet-stream", "text/plain"];

    /// <exception cref="ApiProblem">The body is not such a document.</exception>
    public static async Task<RequestResource<T>> ReadResourceAsync<T>(this HttpRequest request, int limit = MaxDocument) where T : class, new()
    {
        var document = await ReadAsync<RequestDocument<T>>(request, limit)
            ?? throw ApiProblem.BadRequest("The body is empty. Send a JSON:API document: {\"data\": {\"attributes\": {…}}}.");
        var data = document.Data ?? throw ApiProblem.BadRequest("The body has no 'data' member.", Resource);
        return data.Attributes is null ? data with { Attributes = new T() } : data;
    }

    /// <summary>The members of a list of resources.</summary>
    /// <exception cref="ApiProblem">The body is no such list.</exception>
    public static async Task<IReadOnlyList<RequestItem<T>>> ReadListAsync<T>(this HttpRequest request) where T : class
    {
        var data = (await ReadAsync<RequestList<T>>(request, MaxDocument))?.Data;
        return data is not null && data.All(item => item is not null)
            ? [.. data.OfType<RequestItem<T>>()]
            : throw ApiProblem.BadRequest("Send a list of resources: {\"data\": [{\"type\": …, \"id\": …}]}.", Resource);
    }

    /// <summary>The ids of a list of resources, each once.</summary>
    /// <exception cref="ApiProblem">The body is no such list.</exception>
    public static async Task<IReadOnlyList<string>> ReadIdsAsync(this HttpRequest request)
    {
        var items = await request.ReadListAsync<NoAttributes>();
        return [.. items.Select((item, index) => item.Id ?? throw ApiProblem.BadRequest("A member has no id.", $"{Resource}/{index}")).Distinct()];
    }

    /// <summary>A plain JSON object; nothing at all counts as an empty one.</summary>
    public static async Task<T> ReadPlainAsync<T>(this HttpRequest request, int limit = MaxDocument) where T : class, new() =>
        await ReadAsync<T>(request, limit) ?? new T();

    /// <summary>The whole body as it is.</summary>
    public static async Task<byte[]> ReadBytesAsync(this HttpRequest request, int limit)
    {
        LeaveTheLimitToUs(request);
        if (request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }
        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        var buffer = new byte[81920];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            if (body.Length + read > limit)
            {
                throw TooLarge(limit);
            }
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    /// <summary>The names of the attributes that a document sets; none where it is no such document.</summary>
    private static IEnumerable<string> AttributesOf(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
                && data.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object
                ? [.. attributes.EnumerateObject().Select(attribute => attribute.Name)] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static async Task<T?> ReadAsync<T>(HttpRequest request, int limit) where T : class
    {
        var body = await request.ReadBytesAsync(limit);
        if (body.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            return null;
        }
        RequireJson(request.ContentType);
        if (HttpMethods.IsPatch(request.Method))
        {
            request.HttpContext.Audit().Say("attributes", string.Join(',', AttributesOf(body)));
        }
        try
        {
            return JsonSerializer.Deserialize<T>(body, ApiJson.Options);
        }
        catch (JsonException malformed)
        {
            throw Malformed(malformed);
        }
    }

    private static void RequireJson(string? contentType)
    {
        if (MediaTypeHeaderValue.TryParse(contentType, out var parsed) && parsed.MediaType is { } type
            && !type.EndsWith("json", StringComparison.OrdinalIgnoreCase) && !Careless.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            throw new ApiProblem(StatusCodes.Status415UnsupportedMediaType, "unsupported media type",
                $"The API takes JSON. Send it as {JsonApiResult.MediaType}.");
        }
    }

    private static ApiProblem Malformed(JsonException malformed)
    {
        var pointer = JsonPointer.Of(malformed.Path);
        return pointer.StartsWith(Resource + "/", StringComparison.Ordinal)
            ? new ApiProblem(StatusCodes.Status422UnprocessableEntity, "invalid attribute", "The value is of the wrong type, or no text that can be stored.", pointer)
            : ApiProblem.BadRequest($"The body is not the JSON document that is expected here (line {malformed.LineNumber + 1}).");
    }

    private static ApiProblem TooLarge(int limit) =>
        new(StatusCodes.Status413PayloadTooLarge, "payload too large", $"The body may have {limit / 1024} KiB at most.");

    /// <summary>At its own limit the server would break the connection, often before the client has read why.</summary>
    private static void LeaveTheLimitToUs(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }
    }
}
