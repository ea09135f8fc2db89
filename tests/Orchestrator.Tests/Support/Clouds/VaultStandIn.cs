using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Orchestrator.Tests.Support;

/// <summary>Vault with a JWT auth method and tokens, as far as a run needs them. It verifies for real, and refuses in Vault's words.</summary>
internal sealed class VaultStandIn(RelyingParty party, TimeProvider clock) : StandIn
{
    private const string Login = "/login";

    private readonly ConcurrentDictionary<string, DateTimeOffset> _tokens = new();

    public string Role { get; init; } = "deploy";

    public string AuthPath { get; init; } = "jwt";

    public string? Namespace { get; init; }

    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Tokens can be taken back.</summary>
    public bool Revokes { get; init; } = true;

    /// <summary>Given in place of an answer, one after the other, and the last for ever.</summary>
    public (int Status, string Text)[] Instead { get; init; } = [];

    /// <summary>The paths that were called, oldest first.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>Every token that was ever given.</summary>
    public ConcurrentQueue<string> Given { get; } = [];

    public bool IsAlive(string token) => _tokens.TryGetValue(token, out var expiresAt) && clock.GetUtcNow() < expiresAt;

    public int Count(string path) => Calls.Count(called => called == path);

    protected override async Task<(int Status, string Text)> AnswerAsync(HttpListenerRequest request, string body)
    {
        var path = request.Url!.AbsolutePath["/v1/".Length..];
        Calls.Enqueue(path);
        if (Instead.Length > 0)
        {
            return Instead[Math.Min(Calls.Count, Instead.Length) - 1];
        }
        if (request.Headers["X-Vault-Namespace"] != Namespace)
        {
            return Error(403, "permission denied");
        }
        var token = request.Headers["X-Vault-Token"] ?? "";
        return path switch
        {
            _ when path == $"auth/{AuthPath}{Login}" => await LogInAsync(JsonDocument.Parse(body).RootElement),
            _ when path.EndsWith(Login, StringComparison.Ordinal) || !IsAlive(token) => Error(403, "permission denied"),
            "auth/token/lookup-self" => (200, JsonSerializer.Serialize(new { data = new { display_name = "jwt-" + Role } })),
            "auth/token/renew-self" => Grant(token),
            "auth/token/revoke-self" => Revoke(token),
            _ => Error(404, "no handler for route"),
        };
    }

    private async Task<(int Status, string Text)> LogInAsync(JsonElement asked)
    {
        if (asked.GetProperty("role").GetString() != Role)
        {
            return Error(400, $"role \"{asked.GetProperty("role")}\" could not be found");
        }
        switch (await party.RefusalAsync(asked.GetProperty("jwt").GetString()))
        {
            case "audience":
                return Error(400, "error validating token: invalid audience (aud) claim: audience claim does not match any bound audience");
            case "subject":
                return Error(400, "error validating claims: claim \"sub\" does not match any associated bound claim values");
            case "time":
                return Error(400, "error validating token: invalid expiration time (exp) claim: token is expired");
            case not null:
                return Error(400, "error validating token: error verifying token signature: no known key successfully validated the token signature");
        }
        var token = "hvs." + Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(30));
        Given.Enqueue(token);
        return Grant(token);
    }

    private (int Status, string Text) Grant(string token)
    {
        _tokens[token] = clock.GetUtcNow() + Lease;
        return (200, JsonSerializer.Serialize(new
        {
            request_id = "request-" + Calls.Count,
            auth = new { client_token = token, lease_duration = (int)Lease.TotalSeconds, renewable = true, entity_id = "entity-of-" + Role },
        }));
    }

    private (int Status, string Text) Revoke(string token) =>
        !Revokes ? Error(400, "batch tokens cannot be revoked") : _tokens.TryRemove(token, out _) ? (204, "") : Error(403, "permission denied");

    private static (int Status, string Text) Error(int status, string text) => (status, JsonSerializer.Serialize(new { errors = new[] { text } }));
}
