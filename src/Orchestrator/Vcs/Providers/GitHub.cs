using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs.Providers;

/// <summary>github.com and GitHub Enterprise Server, by a person's token or as a GitHub App.</summary>
public sealed class GitHub(VcsHttp http, TimeProvider clock) : GitHubLike(http)
{
    private static readonly string[] Events = ["push", "pull_request", "issue_comment"];

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (string Token, DateTimeOffset Until)> _installations = new(StringComparer.Ordinal);

    private readonly VcsHttp _http = http;

    public override VcsFamily Family => VcsFamily.GitHub;

    protected override int MaxCommits => 2048;

    public override string? Refuse(DeliveryHeaders headers, ReadOnlySpan<byte> body, string secret) => headers("X-Hub-Signature-256") switch
    {
        null or "" => "It is not signed: the header X-Hub-Signature-256 is missing. Give the webhook the connection's secret.",
        var given => IsSigned(given.StartsWith("sha256=", StringComparison.Ordinal) ? given["sha256=".Length..] : null, body, secret)
            ? null : "Its signature is not by the connection's webhook secret.",
    };

    public override DeliveryName? NameOf(DeliveryHeaders headers) =>
        headers("X-GitHub-Event") is { Length: > 0 } name ? new DeliveryName(name, headers("X-GitHub-Delivery")) : null;

    public override async Task<GitSource> SourceAsync(VcsSession session, string repository, CancellationToken cancellationToken) =>
        GitSource.Http($"{session.Connection.HttpUrl.TrimEnd('/')}/{repository}.git", "x-access-token", await TokenAsync(session, cancellationToken));

    public override async Task<VcsCheck> CheckAsync(VcsSession session, CancellationToken cancellationToken)
    {
        if (IsApp(session))
        {
            var app = await _http.SendAsync(HttpMethod.Get, session.Connection.ApiUrl.TrimEnd('/') + "/app", Bearer(AppToken(session)), null, cancellationToken);
            await TokenAsync(session, cancellationToken);
            return new VcsCheck(app.Payload["slug"].Maybe, MissingOf(app.Payload["permissions"]));
        }
        var user = await CallAsync(session, HttpMethod.Get, "/user", null, cancellationToken);
        // Tokens with fine-grained permissions do not say what they may.
        string[] scopes = [.. (user.Scopes ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        var problem = scopes.Length == 0 || scopes.Contains("repo") ? null
            : "The token lacks the scope 'repo': private repositories cannot be fetched, and commits not be marked.";
        return new VcsCheck(user.Payload["login"].Maybe, problem);
    }

    public override async Task<IReadOnlyList<VcsRepositoryFound>> RepositoriesAsync(VcsSession session, string? search, CancellationToken cancellationToken)
    {
        var answer = (await CallAsync(
            session, HttpMethod.Get, IsApp(session) ? "/installation/repositories?per_page=100" : "/user/repos?per_page=100&sort=pushed", null, cancellationToken)).Payload;
        return [.. (answer["repositories"].Exists ? answer["repositories"] : answer).Items.Select(Found)
            .Where(repository => search is null || repository.Identifier.Contains(search, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>An App has one webhook for all its repositories, which stands in its own settings.</summary>
    public override Task SubscribeAsync(VcsSession session, string repository, string address, string secret, CancellationToken cancellationToken) =>
        IsApp(session) ? Task.CompletedTask : SubscribeAsync(session, repository, address, "web", Events, secret, cancellationToken);

    protected override AuthenticationHeaderValue Authorization(string token) => Bearer(token);

    protected override Task<string> TokenAsync(VcsSession session, CancellationToken cancellationToken) =>
        IsApp(session) ? InstallationTokenAsync(session, cancellationToken) : base.TokenAsync(session, cancellationToken);

    private static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    private static bool IsApp(VcsSession session) => session.Connection.AppId is not null;

    private static string? MissingOf(Payload permissions)
    {
        string[] missing = [.. new[] { ("contents", "read"), ("statuses", "write"), ("pull_requests", "write") }
            .Where(needed => permissions.Exists && permissions[needed.Item1].Maybe is var has && has != "write" && !(needed.Item2 == "read" && has == "read"))
            .Select(needed => $"{needed.Item1}: {needed.Item2}")];
        return missing.Length == 0 ? null : $"The App lacks the permissions {string.Join(", ", missing)}.";
    }

    /// <summary>For an hour, and for the App's one installation alone.</summary>
    private async Task<string> InstallationTokenAsync(VcsSession session, CancellationToken cancellationToken)
    {
        // Another key makes another token.
        var key = $"{session.Connection.Id}/{session.Connection.AppId}/{session.Connection.InstallationId}/{session.Connection.UpdatedAt.UtcTicks}";
        if (_installations.TryGetValue(key, out var known) && known.Until > clock.GetUtcNow() + Margin)
        {
            return known.Token;
        }
        var answer = (await _http.SendAsync(
            HttpMethod.Post, $"{session.Connection.ApiUrl.TrimEnd('/')}/app/installations/{session.Connection.InstallationId}/access_tokens",
            Bearer(AppToken(session)), null, cancellationToken)).Payload;
        var token = answer["token"].Maybe ?? throw new VcsProblem("The App's installation gives no token.");
        var until = DateTimeOffset.TryParse(answer["expires_at"].Maybe, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var told)
            ? told : clock.GetUtcNow() + (2 * Margin);
        foreach (var old in _installations.Where(row => row.Value.Until <= clock.GetUtcNow()))
        {
            _installations.TryRemove(old);
        }
        _installations[key] = (token, until);
        return token;
    }

    /// <summary>By which the App proves itself, for minutes.</summary>
    private string AppToken(VcsSession session)
    {
        if (session.AppKey is not { } pem)
        {
            throw new VcsProblem("The connection has no private key of its GitHub App.", VcsProblem.Once);
        }
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
        }
        catch (Exception broken) when (broken is ArgumentException or CryptographicException)
        {
            throw new VcsProblem("The private key of the GitHub App is no RSA key in PEM.", VcsProblem.Once);
        }
        var now = clock.GetUtcNow().UtcDateTime;
        // Its signature providers are kept beyond the key's life unless told otherwise.
        var credentials = new SigningCredentials(new RsaSecurityKey(rsa), SecurityAlgorithms.RsaSha256) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = session.Connection.AppId,
            // Clocks differ.
            IssuedAt = now.AddMinutes(-1),
            Expires = now.AddMinutes(9),
            SigningCredentials = credentials,
        });
    }
}
