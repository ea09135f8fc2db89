using System.Security.Cryptography;
using System.Text;
using System.Web;
using Microsoft.AspNetCore.Http;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access.Login;

/// <summary>What a terraform asks for when its user logs in, and how it fetches its token. A null leaves the parameter out.</summary>
internal sealed record LoginRequest
{
    public const string Path = "/oauth/authorize";

    /// <summary>The test's own secret, as the CLI makes one up.</summary>
    public string Verifier { get; init; } = $"{Guid.NewGuid()}.{RandomNumberGenerator.GetInt32(int.MaxValue)}";

    public string? ClientId { get; init; } = "terraform-cli";

    public string? RedirectUri { get; init; } = "http://localhost:10003/login";

    public string? ResponseType { get; init; } = "code";

    public string? Method { get; init; } = "S256";

    public string? Mode { get; init; }

    public string State { get; init; } = "a-state &\"<b>";

    public string? Challenge { get; init; }

    public string Address => Path + QueryString.Create(new Dictionary<string, string?>
    {
        ["client_id"] = ClientId,
        ["code_challenge"] = Challenge ?? Base64Url(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
        ["code_challenge_method"] = Method,
        ["redirect_uri"] = RedirectUri,
        ["response_type"] = ResponseType,
        ["response_mode"] = Mode,
        ["state"] = State,
    }.Where(parameter => parameter.Value is { Length: > 0 }));

    /// <returns>What the browser brings to the CLI's own web server.</returns>
    public async Task<Callback> DecideAsync(Browser browser, string decision = "approve")
    {
        var page = (await browser.GetAsync(Address)).Expect(200);
        return Callback.Of(await browser.SubmitAsync(page, Path, ("decision", decision)));
    }

    /// <summary>Agrees, and fetches the token from the same server.</summary>
    public async Task<Answer> LogInAsync(Platform platform, Browser browser) => await TradeAsync(platform, (await DecideAsync(browser)).Code);

    public Task<Answer> TradeAsync(Platform platform, string code, params (string Name, string? Value)[] changed)
    {
        var fields = new Dictionary<string, string?>
        {
            ["client_id"] = ClientId,
            ["code"] = code,
            ["code_verifier"] = Verifier,
            ["grant_type"] = "authorization_code",
            ["redirect_uri"] = RedirectUri,
        };
        foreach (var (name, value) in changed)
        {
            fields[name] = value;
        }
        return platform.Anonymous.SendAsync(HttpMethod.Post, "/oauth/token", new FormUrlEncodedContent(fields.Where(field => field.Value is not null)));
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

/// <summary>A redirect of the browser to the CLI.</summary>
internal sealed record Callback(Uri Address)
{
    public string Code => Parameter("code") ?? throw new Xunit.Sdk.XunitException($"There is no code in {Address}.");

    public string? Error => Parameter("error");

    public string? State => Parameter("state");

    public static Callback Of(Answer answer) => new(answer.Expect(302).Headers.Location!);

    private string? Parameter(string name) => HttpUtility.ParseQueryString(Address.Query)[name];
}
