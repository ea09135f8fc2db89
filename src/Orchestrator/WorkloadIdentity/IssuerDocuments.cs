using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace Orchestrator.WorkloadIdentity;

/// <summary>The two public documents by which a relying party verifies tokens, built from options and the key ring alone.</summary>
public sealed class IssuerDocuments(SigningKeys keys, IOptions<IssuerOptions> options)
{
    public const string DiscoveryPath = "/.well-known/openid-configuration";
    public const string KeySetPath = "/.well-known/jwks";

    /// <summary>Both, from one look at the keys.</summary>
    public async Task<PublishedDocuments> ReadAsync(CancellationToken cancellationToken)
    {
        var issuer = options.Value.Issuer;
        PublicKey[] published = [.. (await keys.PublishedAsync(cancellationToken)).Select(key => key.Pair.PublicKey)];
        return new PublishedDocuments(
            new DiscoveryDocument(
                issuer,
                issuer + KeySetPath,
                ["id_token"],
                ["public"],
                [.. published.Select(key => key.Algorithm).Distinct().Order(StringComparer.Ordinal)],
                ["openid"],
                [
                    "sub", "aud", "exp", "iat", "iss", "jti", "nbf",
                    "terraform_run_phase", "terraform_workspace_id", "terraform_workspace_name",
                    "terraform_organization_id", "terraform_organization_name",
                    "terraform_project_id", "terraform_project_name", "terraform_run_id", "terraform_full_workspace",
                ]),
            new KeySetDocument(published));
    }
}

/// <summary>What an issuer publishes.</summary>
public sealed record PublishedDocuments(DiscoveryDocument Discovery, KeySetDocument KeySet)
{
    /// <summary>The bytes of <see cref="IssuerDocuments.DiscoveryPath"/>, wherever they are served from.</summary>
    public byte[] DiscoveryJson => JsonSerializer.SerializeToUtf8Bytes(Discovery);

    /// <summary>The bytes of <see cref="IssuerDocuments.KeySetPath"/>.</summary>
    public byte[] KeySetJson => JsonSerializer.SerializeToUtf8Bytes(KeySet);
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
