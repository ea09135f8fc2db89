using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>An OpenID Connect issuer on a free port, with keys of all kinds and misbehaviour on request.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Subject = "organization:acme:project:core:workspace:net:run_phase:plan";
    public const string Audience = "aws.workload.identity";

    private readonly WebApplication _application;
    private readonly TimeProvider _clock;
    private readonly ConcurrentQueue<string> _requests = new();

    private TestIssuer(TimeProvider clock)
    {
        _clock = clock;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    public string Url => _application.Urls.Single();

    public string Host => Url["http://".Length..];

    public int KeyRequests => _requests.Count(path => path == "/jwks");

    public int Requests => _requests.Count;

    public JsonArray Keys { get; } =
    [
        TestKeys.Jwk("rsa-1", TestKeys.Rsa),
        TestKeys.Jwk("rsa-256-only", TestKeys.Rsa, "RS256"),
        TestKeys.Jwk("p-256", TestKeys.P256, "P-256"),
        TestKeys.Jwk("p-384", TestKeys.P384, "P-384"),
        TestKeys.Jwk("p-521", TestKeys.P521, "P-521"),
    ];

    public string CacheControl { get; set; } = "public, max-age=300";

    /// <summary>Answers in place of the issuer when it returns true.</summary>
    public Func<HttpContext, Task<bool>> Misbehave { get; set; } = _ => Task.FromResult(false);

    public static async Task<TestIssuer> StartAsync(TimeProvider clock)
    {
        var issuer = new TestIssuer(clock);
        await issuer._application.StartAsync();
        return issuer;
    }

    public TestToken Token()
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        return new TestToken(new JsonObject
        {
            ["iss"] = Url,
            ["aud"] = Audience,
            ["sub"] = Subject,
            ["iat"] = now,
            ["nbf"] = now - 30,
            ["exp"] = now + 300,
            ["jti"] = "7f5c3c1e-0000-4000-8000-000000000001",
        });
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        _requests.Enqueue(context.Request.Path);
        if (await Misbehave(context))
        {
            return;
        }

        context.Response.Headers.CacheControl = CacheControl;
        switch (context.Request.Path.Value)
        {
            case "/.well-known/openid-configuration":
                await context.Response.WriteAsJsonAsync(new { issuer = Url, jwks_uri = $"{Url}/jwks" });
                break;
            case "/jwks":
                await context.Response.WriteAsync(new JsonObject { ["keys"] = Keys.DeepClone() }.ToJsonString());
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }
}
