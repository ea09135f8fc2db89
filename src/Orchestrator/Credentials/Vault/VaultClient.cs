using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Orchestrator.Credentials.Vault;

/// <summary>Calls one Vault, which a workspace has chosen: what answers there is trusted with nothing but this run's own token.
/// Redirects are not followed, and time and size are limited.</summary>
internal sealed class VaultClient : IDisposable
{
    private const int MostBytes = 256 * 1024;
    private const int Attempts = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private readonly string? _namespace;

    /// <param name="authorities">Null: those of the system.</param>
    public VaultClient(Uri address, string? vaultNamespace, X509Certificate2Collection? authorities, TimeSpan timeout, TimeProvider clock)
    {
        (Address, _namespace, _clock) = (address, vaultNamespace, clock);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = timeout };
        if (authorities is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                // A private authority publishes no list that could be asked.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(address.AbsoluteUri.TrimEnd('/') + "/v1/"),
            Timeout = timeout,
            MaxResponseContentBufferSize = MostBytes,
        };
    }

    public Uri Address { get; }

    /// <summary>Asks again a few times for what may pass. Only cancellation throws.</summary>
    /// <param name="token">Null: the call needs none.</param>
    public async Task<VaultAnswer> PostAsync(
        string path, string? token, IReadOnlyDictionary<string, string> body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await TryAsync(path, token, body, cancellationToken);
            if (attempt == Attempts || !answer.MayPass)
            {
                return answer;
            }
            await Task.Delay(FirstPause * attempt, _clock, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<VaultAnswer> TryAsync(
        string path, string? token, IReadOnlyDictionary<string, string> body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Vault-Request", "true");
        if (_namespace is not null)
        {
            request.Headers.Add("X-Vault-Namespace", _namespace);
        }
        if (token is not null)
        {
            request.Headers.Add("X-Vault-Token", token);
        }
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return VaultAnswer.Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (HttpRequestException unreachable)
        {
            return VaultAnswer.None((unreachable.InnerException as AuthenticationException ?? (Exception)unreachable).Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return VaultAnswer.None($"no whole answer within {_http.Timeout.TotalSeconds:0} seconds");
        }
    }
}

/// <summary>What Vault said, or why it said nothing.</summary>
/// <param name="Status">Null when there was no answer.</param>
/// <param name="Grant">A token, or its new lease; null when there is none in the answer.</param>
/// <param name="Errors">In the words of whoever answered.</param>
internal sealed record VaultAnswer(HttpStatusCode? Status, VaultGrant? Grant, string? RequestId, IReadOnlyList<string> Errors)
{
    private const int MostOfErrors = 500;

    public bool Succeeded => Status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;

    public bool MayPass => Status is null or HttpStatusCode.TooManyRequests or HttpStatusCode.PreconditionFailed or >= HttpStatusCode.InternalServerError;

    /// <summary>The errors, without the secret that was sent: who answers may be anybody, and may say anything.</summary>
    public string Said(string secret)
    {
        var said = string.Join("; ", Errors).Replace(secret, "***", StringComparison.Ordinal).ReplaceLineEndings(" ");
        return said.Length > MostOfErrors ? said[..MostOfErrors] + "…" : said;
    }

    public static VaultAnswer None(string reason) => new(null, null, null, [reason]);

    public static VaultAnswer Read(HttpStatusCode status, byte[] content)
    {
        try
        {
            using var json = content.Length == 0 ? null : JsonDocument.Parse(content);
            return json?.RootElement is { ValueKind: JsonValueKind.Object } root
                ? new VaultAnswer(status, VaultGrant.Read(root), Text(root, "request_id"), ErrorsOf(root))
                : new VaultAnswer(status, null, null, []);
        }
        catch (JsonException)
        {
            return new VaultAnswer(status, null, null, []);
        }
    }

    internal static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static string[] ErrorsOf(JsonElement root) => root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
        ? [.. errors.EnumerateArray().Where(error => error.ValueKind == JsonValueKind.String).Select(error => error.GetString()!.Trim())]
        : [];
}

/// <summary>A token that Vault has given or renewed.</summary>
internal sealed class VaultGrant(string token, TimeSpan lease, bool renewable, string? entity)
{
    public string Token { get; } = token;

    /// <summary>Zero: it does not expire.</summary>
    public TimeSpan Lease { get; } = lease;

    public bool Renewable { get; } = renewable;

    /// <summary>Who one is to Vault.</summary>
    public string? Entity { get; } = entity;

    public static VaultGrant? Read(JsonElement root) =>
        root.TryGetProperty("auth", out var auth) && auth.ValueKind == JsonValueKind.Object
        && VaultAnswer.Text(auth, "client_token") is { } token
        && auth.TryGetProperty("lease_duration", out var lease) && lease.ValueKind == JsonValueKind.Number && lease.TryGetInt32(out var seconds)
            ? new VaultGrant(
                token,
                TimeSpan.FromSeconds(Math.Max(seconds, 0)),
                auth.TryGetProperty("renewable", out var renewable) && renewable.ValueKind == JsonValueKind.True,
                VaultAnswer.Text(auth, "entity_id"))
            : null;

    public override string ToString() => $"token of {Entity} for {Lease}";
}
