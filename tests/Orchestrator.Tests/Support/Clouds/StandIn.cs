using System.Net;
using System.Text;

namespace Orchestrator.Tests.Support;

/// <summary>A small HTTP server on loopback that stands in for somebody's real one.</summary>
internal abstract class StandIn : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly Task _serving;

    protected StandIn()
    {
        // HttpListener cannot choose a port itself.
        for (var attempt = 0; _listener is null; attempt++)
        {
            Address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}";
            var listener = new HttpListener { Prefixes = { Address + "/" } };
            try
            {
                listener.Start();
                _listener = listener;
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                // Taken; try another.
            }
        }
        _serving = ServeAsync();
    }

    public string Address { get; private set; } = "";

    protected virtual string ContentType => "application/json";

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    protected abstract Task<(int Status, string Text)> AnswerAsync(HttpListenerRequest request, string body);

    protected static string? Bearer(HttpListenerRequest request) =>
        request.Headers["Authorization"] is { } given && given.StartsWith("Bearer ", StringComparison.Ordinal) ? given["Bearer ".Length..] : null;

    /// <summary>The values of an HTML form.</summary>
    protected static Dictionary<string, string> ParseForm(string body) => body.Split('&').Select(pair => pair.Split('=')).Where(pair => pair.Length == 2)
        .ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1]));

    private async Task ServeAsync()
    {
        while (await NextAsync() is { } call)
        {
            try
            {
                using var reader = new StreamReader(call.Request.InputStream);
                var (status, text) = await AnswerAsync(call.Request, await reader.ReadToEndAsync());
                call.Response.StatusCode = status;
                call.Response.ContentType = ContentType;
                if (status is >= 300 and < 400)
                {
                    call.Response.RedirectLocation = text;
                }
                call.Response.Close(Encoding.UTF8.GetBytes(text), willBlock: true);
            }
            catch (Exception gone) when (gone is HttpListenerException || !_listener.IsListening)
            {
                // The caller did not wait for the whole answer, or the test is over.
            }
        }
    }

    private async Task<HttpListenerContext?> NextAsync()
    {
        try
        {
            return await _listener.GetContextAsync();
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
            return null;
        }
    }
}
