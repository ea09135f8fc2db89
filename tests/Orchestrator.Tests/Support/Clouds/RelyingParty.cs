using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.Tests.Support;

/// <summary>Verifies a run's token as anybody would: with nothing but what its issuer publishes.</summary>
/// <param name="fetch">Gets a document of the issuer's.</param>
internal sealed class RelyingParty(string issuer, Func<string, Task<string>> fetch, TimeProvider clock)
{
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    public string Issuer => issuer;

    public required string Audience { get; init; }

    /// <summary>Which subjects are trusted.</summary>
    public required Func<string, bool> Trusts { get; init; }

    /// <summary>Every token that was accepted.</summary>
    public List<JsonWebToken> Accepted { get; } = [];

    /// <returns>Null when it is good, else <c>signature</c>, <c>issuer</c>, <c>audience</c>, <c>time</c> or <c>subject</c>.</returns>
    public async Task<string?> RefusalAsync(string? token)
    {
        var discovery = JsonDocument.Parse(await fetch(issuer + "/.well-known/openid-configuration")).RootElement;
        Assert.Equal(issuer, discovery.GetProperty("issuer").GetString());
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token ?? "", new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = Audience,
            IssuerSigningKeys = new JsonWebKeySet(await fetch(discovery.GetProperty("jwks_uri").GetString()!)).GetSigningKeys(),
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            // By this party's own clock, below.
            ValidateLifetime = false,
        });
        var refusal = result.Exception switch
        {
            SecurityTokenInvalidIssuerException => "issuer",
            SecurityTokenInvalidAudienceException => "audience",
            not null => "signature",
            null when result.SecurityToken is JsonWebToken given && !IsNow(given) => "time",
            null when !Trusts(((JsonWebToken)result.SecurityToken).Subject) => "subject",
            null => null,
        };
        if (refusal is null)
        {
            Accepted.Add((JsonWebToken)result.SecurityToken);
        }
        return refusal;
    }

    private bool IsNow(JsonWebToken token)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return token.ValidFrom <= now + Leeway && token.ValidTo > now - Leeway;
    }
}
