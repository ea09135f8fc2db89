using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Vcs;

/// <summary>What a service answered.</summary>
/// <param name="Body">Undefined when there was none, or no JSON.</param>
/// <param name="Scopes">What the token may, where the service says so.</param>
public sealed record VcsAnswer(JsonElement Body, string? NextPage, string? Scopes)
{
    internal Payload Payload => new(Body);
}

/// <summary>Calls services' APIs: bounded in time and size, never on through a redirect, and inside only where the operator lets it.</summary>
/// <remarks>Plain HTTP in place of a client library for each service: all calls go through one handler that checks the address it connects to,
/// bounds time and size, and follows no redirect, which libraries leave to handlers and retries of their own. Each service is asked fewer than a
/// dozen things, and a library a service would be six to keep and to trust with tokens.
/// <para>Nothing is logged here. Messages name the method, the path and the status, and hold nothing that was sent.</para></remarks>
public sealed class VcsHttp : IDisposable
{
    private const int MaxAnswer = 16 * 1024 * 1024;
    private const int MaxDetail = 300;

    private readonly HttpClient _http;
    private readonly VcsOptions _options;

    public VcsHttp(IOptions<VcsOptions> options)
    {
        _options = options.Value;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = (context, cancellationToken) => AddressGuard.ConnectAsync(context.DnsEndPoint, _options.AllowPrivateAddresses, cancellationToken),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            AutomaticDecompression = DecompressionMethods.All,
            MaxResponseHeadersLength = 64,
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Dispose() => _http.Dispose();

    /// <exception cref="VcsProblem">It did not answer, or with anything but success.</exception>
    internal async Task<VcsAnswer> SendAsync(
        HttpMethod method, string url, AuthenticationHeaderValue? authorization, object? json, CancellationToken cancellationToken,
        params (string Name, string Value)[] headers) =>
        await TrySendAsync(method, url, authorization, json, [], cancellationToken, headers) ?? throw new VcsProblem($"{method} {PathOf(url)} was answered with nothing.");

    /// <param name="expected">Statuses that are no problem: then there is no answer.</param>
    /// <returns>Null for one of those.</returns>
    internal async Task<VcsAnswer?> TrySendAsync(
        HttpMethod method, string url, AuthenticationHeaderValue? authorization, object? json, HttpStatusCode[] expected, CancellationToken cancellationToken,
        params (string Name, string Value)[] headers)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (_options.AllowHttp && address.Scheme == Uri.UriSchemeHttp)))
        {
            throw new VcsProblem("The connection's API is reached over https:// alone, unless the operator sets Orchestrator__Vcs__AllowHttp.", VcsProblem.Once);
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.RequestTimeout);
        using var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.ParseAdd("Orchestrator");
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Authorization = authorization;
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        if (json is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(json), Encoding.UTF8, "application/json");
        }
        var what = $"{method} {address.AbsolutePath} at {address.Host}";
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var body = await ReadAsync(answer, limit.Token);
            if (expected.Contains(answer.StatusCode))
            {
                return null;
            }
            return answer.IsSuccessStatusCode ? new VcsAnswer(
                Parse(body), NextOf(answer), answer.Headers.TryGetValues("X-OAuth-Scopes", out var scopes) ? string.Join(',', scopes) : null) : throw ProblemOf(what, answer, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VcsProblem($"{what} was not answered within {_options.RequestTimeout.TotalSeconds:0.#} seconds.", VcsProblem.Often);
        }
        catch (HttpRequestException failed)
        {
            throw failed.InnerException switch
            {
                AddressInsideException => new VcsProblem($"{address.Host}: {failed.InnerException.Message} The operator may allow such servers with Orchestrator__Vcs__AllowPrivateAddresses.", VcsProblem.Once),
                SocketException socket => new VcsProblem($"{address.Host} could not be reached ({socket.SocketErrorCode}).", VcsProblem.Often),
                _ => new VcsProblem($"{what} failed ({failed.HttpRequestError}).", VcsProblem.Often),
            };
        }
        catch (IOException)
        {
            throw new VcsProblem($"{what}: the connection broke in the middle of the answer.", VcsProblem.Often);
        }
    }

    private static VcsProblem ProblemOf(string what, HttpResponseMessage answer, byte[] body)
    {
        var said = Parse(body) is { ValueKind: JsonValueKind.Object } json
            ? new Payload(json)["message"].Maybe ?? new Payload(json)["error"]["message"].Maybe ?? new Payload(json)["error"].Maybe
            : null;
        var detail = said is null ? "" : $" It says: {(said.Length > MaxDetail ? said[..MaxDetail] : said).ReplaceLineEndings(" ")}";
        var wait = answer.Headers.RetryAfter?.Delta;
        var exhausted = answer.Headers.TryGetValues("X-RateLimit-Remaining", out var left) && left.FirstOrDefault() == "0";
        var status = (int)answer.StatusCode;
        return status switch
        {
            401 => new VcsProblem($"{what} was answered with 401: the connection's token is wrong, expired or revoked. Give it a new one.{detail}"),
            403 when exhausted || wait is not null => new VcsProblem($"{what} was answered with 403: the token has used up its requests for now.{detail}", VcsProblem.Often, wait ?? TimeSpan.FromMinutes(10)),
            403 => new VcsProblem($"{what} was answered with 403: the connection's token lacks a permission for it.{detail}"),
            404 => new VcsProblem($"{what} was answered with 404: it does not exist, or the connection's token does not reach it.{detail}"),
            422 or 400 or 409 => new VcsProblem($"{what} was answered with {status}.{detail}"),
            429 => new VcsProblem($"{what} was answered with 429: too many requests.{detail}", VcsProblem.Often, wait),
            >= 500 => new VcsProblem($"{what} was answered with {status}: the service has trouble.{detail}", VcsProblem.Often, wait),
            >= 300 and < 400 => new VcsProblem($"{what} leads elsewhere ({status}), and tokens do not follow. Correct the connection's address, or the repository's name.", VcsProblem.Once),
            _ => new VcsProblem($"{what} was answered with {status}.{detail}"),
        };
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var content = new MemoryStream();
        var buffer = new byte[81920];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (content.Length + read > MaxAnswer)
            {
                throw new VcsProblem($"The service answered with more than {MaxAnswer / 1024 / 1024} MiB.", VcsProblem.Once);
            }
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>The <c>Link</c> header's (RFC 8288); the caller asks only addresses below its own.</summary>
    private static string? NextOf(HttpResponseMessage answer) => answer.Headers.TryGetValues("Link", out var links)
        ? links.SelectMany(link => link.Split(','))
            .Where(link => link.Contains("rel=\"next\"", StringComparison.Ordinal))
            .Select(link => link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..].Split('>')[0])
            .FirstOrDefault()
        : null;

    private static string PathOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.AbsolutePath : "it";
}
