using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>Decides whether a token really comes from one of an account's providers and is meant for it, now.</summary>
internal sealed class TokenVerifier(VerificationKeys keys, TimeProvider clock)
{
    private const int LongestSubject = 255;

    // IAM forgives five minutes after exp; the same is given to a clock that is ahead.
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    public async Task<Checked<VerifiedToken>> VerifyAsync(
        CompactToken token, string accountId, IReadOnlyList<OidcProvider> providers, CancellationToken cancellationToken)
    {
        if (token.Claims.Issuer is not { } issuer)
        {
            return TokenRefusals.MissingClaim("iss");
        }

        if (providers.FirstOrDefault(known => known.Url == issuer) is not { } provider)
        {
            return TokenRefusals.NoProvider(issuer, accountId, providers.Select(known => known.Url));
        }

        if (!(await keys.FindAsync(provider, token.KeyId, cancellationToken)).Passed(out var key, out var refusal))
        {
            return refusal;
        }

        if (!key.Fits(token.Algorithm))
        {
            return TokenRefusals.WrongSignature(
                new Comparison($"alg, for the key {key.KeyId}", key.Description, token.Algorithm.Name));
        }

        if (!key.Verifies(token))
        {
            return TokenRefusals.WrongSignature(new Comparison($"signature by the key {key.KeyId}", "valid", "invalid"));
        }

        if ((CheckClaims(token.Claims) ?? CheckAudience(token.Claims, provider)) is { } wrong)
        {
            return wrong;
        }

        return new VerifiedToken(provider, token.Claims.Subject!, Accepted(token.Claims, provider)[0], token.Claims);
    }

    private Refusal? CheckClaims(TokenClaims claims)
    {
        foreach (var name in (string[])["aud", "sub", "iat", "exp"])
        {
            if (!claims.Has(name))
            {
                return TokenRefusals.MissingClaim(name);
            }
        }

        if (claims.Audience.Count == 0)
        {
            return TokenRefusals.WrongClaim("aud", "a string or a list of strings", claims.Raw("aud"));
        }

        if (claims.Has("azp") && claims.AuthorizedParty is null)
        {
            return TokenRefusals.WrongClaim("azp", "a string", claims.Raw("azp"));
        }

        if (claims.Subject is not { Length: > 0 and <= LongestSubject })
        {
            return TokenRefusals.WrongClaim("sub", $"a string of 1 to {LongestSubject} characters", claims.Raw("sub"));
        }

        return CheckTimes(claims);
    }

    private Refusal? CheckTimes(TokenClaims claims)
    {
        foreach (var name in (string[])["exp", "iat", "nbf"])
        {
            if (claims.Has(name) && claims.Seconds(name) is null)
            {
                return TokenRefusals.WrongClaim(name, "whole seconds since 1970", claims.Raw(name));
            }
        }

        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var leeway = (long)Leeway.TotalSeconds;
        if (claims.Seconds("exp") is { } expiresAt && expiresAt <= now - leeway)
        {
            return TokenRefusals.Expired(now, expiresAt);
        }

        foreach (var name in (string[])["nbf", "iat"])
        {
            if (claims.Seconds(name) is { } begins && begins > now + leeway)
            {
                return TokenRefusals.TooEarly(name, now, begins);
            }
        }

        return null;
    }

    private static Refusal? CheckAudience(TokenClaims claims, OidcProvider provider) =>
        Accepted(claims, provider).Count > 0
            ? null
            : TokenRefusals.WrongAudience(
                claims.AuthorizedParty is null ? "aud" : "azp", provider.ClientIds, claims.EffectiveAudience);

    private static List<string> Accepted(TokenClaims claims, OidcProvider provider) =>
        [.. claims.EffectiveAudience.Intersect(provider.ClientIds)];
}

/// <param name="Audience">The client id the token was accepted for.</param>
internal sealed record VerifiedToken(OidcProvider Provider, string Subject, string Audience, TokenClaims Claims)
{
    /// <summary>How the audit trail names the holder before there is a session.</summary>
    public AuditIdentity AuditIdentity(string accountId) => new(
        "WebIdentityUser", $"{Provider.Arn}:{Audience}:{Subject}", Arn: null, accountId, AccessKeyId: null, Subject);
}
