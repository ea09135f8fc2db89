using System.Net;
using System.Text.Json;
using Orchestrator.AwsPolicies.Json;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Configuration;
using Orchestrator.AwsSimulator.Http;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>
/// Fetches an issuer's discovery document and key set. Only a registered provider's own origin is ever contacted,
/// redirects are not followed, and time and size are limited: the issuer named in a token is not to be trusted with
/// more.
/// </summary>
internal sealed partial class IssuerDocuments(
    HttpClient http, Relaxations relaxations, Faults faults, TimeSpan timeLimit, ILogger<IssuerDocuments> logger)
{
    private const int MostBytes = 256 * 1024;
    private const string Check = "verification key";

    private static readonly TimeSpan LongestFreshness = TimeSpan.FromMinutes(5);

    public async Task<Checked<KeySet>> FetchKeysAsync(OidcProvider provider, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeLimit);
        try
        {
            return await FetchAsync(provider, limit.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = failure is OperationCanceledException ? $"no complete answer within {timeLimit}" : failure.Message;
            Log.Unreachable(logger, provider.Url, reason);
            var comparison = new Comparison("issuer's answer", "discovery document and key set", reason);
            return faults.UnreachableIssuerIsCommunicationError
                ? TokenRefusals.Unreachable(Check, comparison)
                : TokenRefusals.NoKey(Check, comparison);
        }
    }

    private async Task<Checked<KeySet>> FetchAsync(OidcProvider provider, CancellationToken cancellationToken)
    {
        var discoveryUrl = new Uri(provider.Url.TrimEnd('/') + "/.well-known/openid-configuration");
        if (!(await GetAsync(discoveryUrl, cancellationToken)).Passed(out var discovery, out var refusal))
        {
            return refusal;
        }

        var (issuer, keysAddress) = ReadDiscovery(discovery.Body);
        if (issuer != provider.Url)
        {
            return Bad("issuer in the discovery document", provider.Url, issuer);
        }

        if (!Uri.TryCreate(keysAddress, UriKind.Absolute, out var keysUrl)
            || keysUrl.GetLeftPart(UriPartial.Authority) != discoveryUrl.GetLeftPart(UriPartial.Authority)
            || (keysUrl.Scheme != Uri.UriSchemeHttps && !relaxations.AllowHttpIssuer))
        {
            return Bad(
                "jwks_uri in the discovery document",
                $"a URL below {discoveryUrl.GetLeftPart(UriPartial.Authority)}",
                keysAddress);
        }

        if (!(await GetAsync(keysUrl, cancellationToken)).Passed(out var keys, out refusal))
        {
            return refusal;
        }

        return KeySet.Parse(keys.Body, keys.FreshFor) is { } set
            ? set
            : Bad("key set", "1 to 100 RSA keys of 2048 bits or more and up to 100 EC keys, each with a kid", "none of that form");
    }

    private async Task<Checked<Document>> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Bad($"status of {url}", "200", ((int)response.StatusCode).ToString(provider: null));
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (await BoundedBody.ReadAsync(stream, MostBytes, cancellationToken) is not { } body)
        {
            return Bad($"size of {url}", $"at most {MostBytes} bytes", "more");
        }

        var caching = response.Headers.CacheControl;
        var allowed = caching is { NoStore: true } or { NoCache: true } ? TimeSpan.Zero : caching?.MaxAge ?? LongestFreshness;
        return new Document(body, allowed < LongestFreshness ? allowed : LongestFreshness);
    }

    private static (string? Issuer, string? KeysAddress) ReadDiscovery(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, JsonCursor.Strict);
            var root = new JsonCursor(document.RootElement, "$");
            return (root.Required("issuer").Text(), root.Required("jwks_uri").Text());
        }
        catch (Exception unusable) when (unusable is JsonException or JsonShapeException)
        {
            return (null, null);
        }
    }

    private static Refusal Bad(string what, string expected, string? actual) =>
        TokenRefusals.NoKey(Check, new Comparison(what, expected, actual));

    private sealed record Document(byte[] Body, TimeSpan FreshFor);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The issuer {Issuer} cannot be reached: {Reason}")]
        public static partial void Unreachable(ILogger logger, string issuer, string reason);
    }
}
