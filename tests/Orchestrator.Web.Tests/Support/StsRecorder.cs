using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Web;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Web.Tests.Support;

/// <summary>What was minted for a phase and must be found nowhere afterwards.</summary>
public sealed record MintedSecrets(string Token, string AccessKeyId, string SecretAccessKey, string SessionToken)
{
    public IEnumerable<string> All => [Token, SecretAccessKey, SessionToken];

    /// <summary>Of the key that has signed the token.</summary>
    public string Kid => Header["kid"]!.GetValue<string>();

    public JsonNode Header => JsonNode.Parse(Base64Url.DecodeFromChars(Token.AsSpan(0, Token.IndexOf('.', StringComparison.Ordinal))))!;
}

/// <summary>Stands between the platform and the simulator's STS, and remembers what passes: the only place where a test can see
/// the secrets of a run.</summary>
public sealed class StsRecorder : IAsyncDisposable
{
    private static readonly XNamespace Sts = "https://sts.amazonaws.com/doc/2011-06-15/";

    private readonly WebApplication _app;
    private readonly HttpClient _simulator = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ConcurrentQueue<(string Session, MintedSecrets Secrets)> _minted = new();

    private StsRecorder()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(PassOnAsync);
    }

    /// <summary>Where the simulator is, once it runs.</summary>
    public Uri? Simulator { get; set; }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<StsRecorder> StartAsync()
    {
        var recorder = new StsRecorder();
        await recorder._app.StartAsync();
        return recorder;
    }

    /// <summary>What was minted last for a phase of a run.</summary>
    public MintedSecrets Of(string runId, string phase) => AllOf(runId, phase)[^1];

    /// <summary>What was minted for a phase of a run, oldest first.</summary>
    public IReadOnlyList<MintedSecrets> AllOf(string runId, string phase) =>
        [.. _minted.Where(minted => minted.Session == $"{runId}-{phase}").Select(minted => minted.Secrets)];

    /// <summary>Every secret that was minted for anybody.</summary>
    public IEnumerable<string> All => _minted.SelectMany(minted => minted.Secrets.All);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _simulator.Dispose();
    }

    private async Task PassOnAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(Simulator!, context.Request.Path + context.Request.QueryString))
        {
            Content = new ByteArrayContent(body.ToArray()),
        };
        // The host is part of the signature.
        request.Headers.Host = context.Request.Host.Value;
        foreach (var (name, value) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Transfer-Encoding")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.AsEnumerable()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
            }
        }
        using var response = await _simulator.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        Remember(System.Text.Encoding.UTF8.GetString(body.ToArray()), answer);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await context.Response.WriteAsync(answer);
    }

    private void Remember(string form, string answer)
    {
        var asked = HttpUtility.ParseQueryString(form);
        if (asked["WebIdentityToken"] is not { } token || asked["RoleSessionName"] is not { } session)
        {
            return;
        }
        var credentials = XDocument.Parse(answer).Descendants(Sts + "Credentials").FirstOrDefault();
        if (credentials is not null)
        {
            string Element(string name) => credentials.Element(Sts + name)!.Value;
            _minted.Enqueue((session, new MintedSecrets(token, Element("AccessKeyId"), Element("SecretAccessKey"), Element("SessionToken"))));
        }
    }
}
