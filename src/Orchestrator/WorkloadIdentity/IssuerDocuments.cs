using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.WorkloadIdentity;

/// <summary>The two public documents by which a relying party verifies tokens, built from options and the key ring alone.</summary>
public sealed class IssuerDocuments(SigningKeys keys, IOptions<IssuerOptions> options)
{
    public const string DiscoveryPath = "/.well-known/openid-configuration";
    public const string KeySetPath = "/.well-known/jwks";

    public DiscoveryDocument Discovery => new(
        options.Value.Issuer,
        options.Value.Issuer + KeySetPath,
        ["id_token"],
        ["public"],
        [SecurityAlgorithms.RsaSha256],
        ["openid"],
        [
            "sub", "aud", "exp", "iat", "iss", "jti", "nbf",
            "terraform_run_phase", "terraform_workspace_id", "terraform_workspace_name",
            "terraform_organization_id", "terraform_organization_name",
            "terraform_project_id", "terraform_project_name", "terraform_run_id", "terraform_full_workspace",
        ]);

    public async Task<KeySetDocument> KeySetAsync(CancellationToken cancellationToken)
    {
        var published = await keys.PublishedAsync(cancellationToken);
        return new KeySetDocument([.. published.Select(key => new PublicKey(
            "RSA",
            "sig",
            key.Algorithm,
            key.Kid,
            Base64UrlEncoder.Encode(key.PublicKey.Modulus),
            Base64UrlEncoder.Encode(key.PublicKey.Exponent)))]);
    }
}

/// <summary>OpenID Connect Discovery 1.0, section 3.</summary>
public sealed record DiscoveryDocument(
    [property: JsonPropertyName("issuer")] string Issuer,
    [property: JsonPropertyName("jwks_uri")] string KeySetUri,
    [property: JsonPropertyName("response_types_supported")] IReadOnlyList<string> ResponseTypes,
    [property: JsonPropertyName("subject_types_supported")] IReadOnlyList<string> SubjectTypes,
    [property: JsonPropertyName("id_token_signing_alg_values_supported")] IReadOnlyList<string> SigningAlgorithms,
    [property: JsonPropertyName("scopes_supported")] IReadOnlyList<string> Scopes,
    [property: JsonPropertyName("claims_supported")] IReadOnlyList<string> Claims);

/// <summary>RFC 7517, section 5.</summary>
public sealed record KeySetDocument([property: JsonPropertyName("keys")] IReadOnlyList<PublicKey> Keys);

/// <summary>An RSA public key as RFC 7518, section 6.3, writes it.</summary>
public sealed record PublicKey(
    [property: JsonPropertyName("kty")] string Type,
    [property: JsonPropertyName("use")] string Use,
    [property: JsonPropertyName("alg")] string Algorithm,
    [property: JsonPropertyName("kid")] string Kid,
    [property: JsonPropertyName("n")] string Modulus,
    [property: JsonPropertyName("e")] string Exponent);
