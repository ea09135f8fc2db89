using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A company's OpenID Connect provider on loopback: it signs, checks the client, the code and its proof (PKCE), and takes
/// everybody for <see cref="Person"/>. On request it does one thing wrong.</summary>
internal sealed class CompanyProvider : IAsyncDisposable
{
    public const string ClientId = "orchestrator";
    public const string ClientSecret = "a-secret-between-the-two";

    private readonly WebApplication _app;
    private static readonly RSA Key = RSA.Create(2048);
    private static readonly RSA OtherKey = RSA.Create(2048);

    private readonly ConcurrentDictionary<string, (string Nonce, string Challenge, string Redirect)> _codes = new();

    private CompanyProvider(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Whom it signs in, as claims; a list becomes a list.</summary>
    public Dictionary<string, object> Person { get; set; } = [];

    /// <summary>What it does wrong: <c>signature</c>, <c>nonce</c>, <c>audience</c>, <c>issuer</c>, <c>expiry</c> or <c>unsigned</c>.</summary>
    public string? Mistake { get; set; }

    public static async Task<CompanyProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var provider = new CompanyProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = provider.Address,
            authorization_endpoint = $"{provider.Address}/authorize",
            token_endpoint = $"{provider.Address}/token",
            jwks_uri = $"{provider.Address}/keys",
            response_types_supported = new[] { "code" },
            subject_types_supported = new[] { "public" },
            id_token_signing_alg_values_supported = new[] { "RS256" },
        }));
        app.MapGet("/keys", () =>
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(Key.ExportParameters(false)) { KeyId = "one" });
            return Results.Json(new { keys = new[] { new { kty = key.Kty, kid = key.Kid, use = "sig", alg = "RS256", n = key.N, e = key.E } } });
        });
        app.MapGet("/authorize", provider.Authorize);
        app.MapPost("/token", provider.TradeAsync);
        await app.StartAsync();
        return provider;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Authorize(HttpRequest request)
    {
        var query = request.Query;
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256"
            || query["nonce"].Count == 0 || query["state"].Count == 0 || !query["scope"].ToString().Split(' ').Contains("openid"))
        {
            return Results.BadRequest("This request is not what OpenID Connect asks for.");
        }
        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (query["nonce"].ToString(), query["code_challenge"].ToString(), query["redirect_uri"].ToString());
        return Results.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}");
    }

    private async Task<IResult> TradeAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        var proof = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret || !_codes.TryRemove(form["code"].ToString(), out var code)
            || code.Challenge != proof || code.Redirect != form["redirect_uri"])
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        }
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Mistake == "issuer" ? "https://elsewhere.example" : Address,
            Audience = Mistake == "audience" ? "somebody-else" : ClientId,
            IssuedAt = now.AddHours(Mistake == "expiry" ? -3 : 0),
            NotBefore = now.AddHours(Mistake == "expiry" ? -3 : 0),
            Expires = now.AddHours(Mistake == "expiry" ? -2 : 1),
            Claims = new Dictionary<string, object>(Person) { ["nonce"] = Mistake == "nonce" ? "another" : code.Nonce },
            SigningCredentials = Mistake == "unsigned" ? null
                : new SigningCredentials(new RsaSecurityKey(Mistake == "signature" ? OtherKey : Key) { KeyId = "one" }, SecurityAlgorithms.RsaSha256),
        };
        var signed = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
        return Results.Json(new { access_token = "opaque", token_type = "Bearer", expires_in = 3600, id_token = signed });
    }
}
