using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Notifications;

/// <summary>How a receiver answered.</summary>
/// <param name="Code">Null when it did not.</param>
/// <param name="Body">The beginning of its answer; or in a sentence why there is none.</param>
public sealed record WebhookAnswer(int? Code, IReadOnlyDictionary<string, IReadOnlyList<string>> Headers, string Body)
{
    public bool IsSuccess => Code is >= 200 and < 300;
}

/// <summary>Sends to addresses that people have configured, and to none that is inside. The address is checked when the connection is
/// made, and the connection goes to the one that was checked: a name that means something else a moment later gains nothing.</summary>
/// <remarks>Nothing is logged here, neither addresses nor answers: an address may be all that is needed to write into a chat.</remarks>
public sealed class WebhookClient : IDisposable
{
    private const int MaxHeaders = 50;
    private const int MaxHeaderLength = 500;

    private readonly HttpClient _http;
    private readonly NotificationOptions _options;

    public WebhookClient(IOptions<NotificationOptions> options)
    {
        _options = options.Value;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = (context, cancellationToken) =>
                AddressGuard.ConnectAsync(context.DnsEndPoint, options.Value.AllowPrivateAddresses, cancellationToken),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 64,
            // The address would be in every measurement and trace.
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<WebhookAnswer> PostAsync(
        Uri url, byte[] json, IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("Orchestrator");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new WebhookAnswer((int)answer.StatusCode, HeadersOf(answer), await BeginningAsync(answer, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Nothing($"It did not answer within {_options.Timeout.TotalSeconds:0.#} seconds.");
        }
        catch (HttpRequestException failed)
        {
            return Nothing(failed.InnerException is AddressInsideException or SocketException ? Sentence(failed.InnerException) : $"The request failed ({failed.HttpRequestError}).");
        }
        catch (IOException)
        {
            return Nothing("The connection broke in the middle of the answer.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Sentence(Exception why) => why is SocketException socket
        ? $"No connection could be made ({socket.SocketErrorCode})."
        : why.Message + " Notifications go outside alone, unless the operator sets Orchestrator__Notifications__AllowPrivateAddresses.";

    private static WebhookAnswer Nothing(string why) => new(null, new Dictionary<string, IReadOnlyList<string>>(), why);

    private static Dictionary<string, IReadOnlyList<string>> HeadersOf(HttpResponseMessage answer) => answer.Headers
        .Concat(answer.Content.Headers)
        // A session of the receiver's is nobody's business.
        .Where(header => !header.Key.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase))
        .Take(MaxHeaders)
        .ToDictionary(
            header => header.Key.ToLowerInvariant(),
            header => (IReadOnlyList<string>)[.. header.Value.Take(10).Select(value => value.Length > MaxHeaderLength ? value[..MaxHeaderLength] : value)]);

    private static async Task<string> BeginningAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[NotificationDelivery.MaxBodyLength];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, read).Replace("\0", "", StringComparison.Ordinal);
    }
}
