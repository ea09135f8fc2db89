using System.Text;
using System.Xml.Linq;
using Amazon.SecurityToken.Model;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>A small S3 client whose requests a test can spoil before or after they are signed.</summary>
internal sealed class S3Client(Uri address, Credentials credentials, TimeProvider clock)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    public Credentials Credentials => credentials;

    public string Service { get; init; } = "s3";

    public Task<S3Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, headers: headers);

    public Task<S3Answer> PutAsync(string path, string content, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, path, Encoding.UTF8.GetBytes(content), headers: headers);

    public Task<S3Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <param name="payloadHash">Announced in place of the body's real hash.</param>
    /// <param name="spoil">Runs after signing.</param>
    public async Task<S3Answer> SendAsync(
        HttpMethod method,
        string path,
        byte[]? body = null,
        string? payloadHash = null,
        (string Name, string Value)[]? headers = null,
        Action<HttpRequestMessage>? spoil = null,
        DateTimeOffset? signedAt = null,
        string? day = null,
        string[]? unsigned = null,
        Func<string, byte[]>? bodyAfterSigning = null)
    {
        var at = signedAt ?? clock.GetUtcNow();
        using var request = Request(method, path, body, headers);
        var hash = payloadHash ?? RequestSigner.Hash(body ?? []);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", hash);
        var signature = new RequestSigner(credentials, Service).Sign(request, hash, at, day, unsigned ?? []);
        if (bodyAfterSigning is not null)
        {
            request.Content = new ByteArrayContent(bodyAfterSigning(signature));
        }

        spoil?.Invoke(request);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await S3Answer.ReadAsync(response);
    }

    public HttpRequestMessage Request(HttpMethod method, string path, byte[]? body, (string Name, string Value)[]? headers)
    {
        // Keeps dots, double slashes and escapes as they are.
        var uri = new Uri($"{address.GetLeftPart(UriPartial.Authority)}{path}", new UriCreationOptions
        {
            DangerousDisablePathAndQueryCanonicalization = true,
        });
        var request = new HttpRequestMessage(method, uri);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
        }

        foreach (var (name, value) in headers ?? [])
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }
}

internal sealed record S3Answer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? Code => Body.StartsWith("<?xml", StringComparison.Ordinal) ? XElement.Parse(Body).Element("Code")?.Value : null;

    public string? Message => XElement.Parse(Body).Element("Message")?.Value;

    public static async Task<S3Answer> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        await response.Content.ReadAsStringAsync());
}
