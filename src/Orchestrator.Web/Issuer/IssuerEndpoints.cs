using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Issuer;

/// <summary>What relying parties such as AWS fetch, without credentials, to verify a run's token.</summary>
internal static class IssuerEndpoints
{
    private static readonly string Caching =
        string.Create(CultureInfo.InvariantCulture, $"public, max-age={KeyLife.CacheTime.TotalSeconds:0}");

    /// <param name="path">Of the issuer's address, for a proxy that does not take it off; empty when there is none.</param>
    public static void MapIssuer(this IEndpointRouteBuilder routes, string path)
    {
        foreach (var prefix in new[] { "", path }.Distinct())
        {
            Map(prefix + IssuerDocuments.DiscoveryPath, documents => documents.DiscoveryJson);
            Map(prefix + IssuerDocuments.KeySetPath, documents => documents.KeySetJson);
        }

        void Map(string route, Func<PublishedDocuments, byte[]> choose) => routes.MapGet(
            route, async (HttpResponse response, IssuerDocuments documents, CancellationToken cancellationToken) =>
            {
                var content = choose(await documents.ReadAsync(cancellationToken));
                response.Headers.CacheControl = Caching;
                return Results.Bytes(
                    content, "application/json", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\""));
            }).AllowAnonymous();
    }
}
