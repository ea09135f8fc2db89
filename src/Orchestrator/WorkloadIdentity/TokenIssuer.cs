using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.WorkloadIdentity;

/// <summary>Mints one signed token for one phase of one run and one audience.</summary>
/// <remarks>Claims, subject and times as HCP Terraform's, so that existing trust policies work with only the issuer changed.</remarks>
public sealed class TokenIssuer(SigningKeys keys, IOptions<IssuerOptions> options, TimeProvider clock)
{
    /// <summary>The token is exchanged at once and never leaves this process, so minutes are enough.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    // As HCP's module tokens: a relying party whose clock is a little behind still accepts it.
    private static readonly TimeSpan NotBeforeSkew = TimeSpan.FromSeconds(30);

    // Times come from our clock alone.
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <param name="lifetime">Default: <see cref="Lifetime"/>. More only for a token that leaves this process.</param>
    /// <param name="claims">What a certain relying party wants to know besides.</param>
    public async Task<IdentityToken> MintAsync(
        RunIdentity identity, string audience, CancellationToken cancellationToken,
        TimeSpan? lifetime = null, IReadOnlyDictionary<string, object>? claims = null)
    {
        var key = await keys.ActiveAsync(cancellationToken);
        var id = Guid.NewGuid().ToString();
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        var expiresAt = now + (lifetime ?? Lifetime);
        if (lifetime > Lifetime)
        {
            await keys.KeepAsync(key.Kid, expiresAt, cancellationToken);
        }
        var compact = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.Value.Issuer,
            Audience = audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = (now - NotBeforeSkew).UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            SigningCredentials = key.Credentials,
            Claims = new Dictionary<string, object>(claims ?? new Dictionary<string, object>())
            {
                [JwtRegisteredClaimNames.Jti] = id,
                [JwtRegisteredClaimNames.Sub] = identity.Subject,
                ["terraform_organization_id"] = identity.OrganizationId.Value,
                ["terraform_organization_name"] = identity.OrganizationName,
                ["terraform_project_id"] = identity.ProjectId.Value,
                ["terraform_project_name"] = identity.ProjectName,
                ["terraform_workspace_id"] = identity.WorkspaceId.Value,
                ["terraform_workspace_name"] = identity.WorkspaceName,
                ["terraform_full_workspace"] = identity.FullWorkspace,
                ["terraform_run_id"] = identity.RunId.Value,
                ["terraform_run_phase"] = identity.Phase,
            },
        });
        return new IdentityToken(compact, id, identity.Subject, audience, now, expiresAt);
    }
}
