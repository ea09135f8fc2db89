using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Issuer;

/// <summary>What relying parties such as AWS fetch, without credentials, to verify a run's token.</summary>
internal static class IssuerEndpoints
{
    // Minutes: a new key must be seen soon.
    private const string Caching = "public, max-age=300";

    public static void MapIssuer(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(IssuerDocuments.DiscoveryPath, (HttpResponse response, IssuerDocuments documents) =>
        {
            response.Headers.CacheControl = Caching;
            return Results.Json(documents.Discovery);
        }).AllowAnonymous();
        routes.MapGet(IssuerDocuments.KeySetPath, async (HttpResponse response, IssuerDocuments documents, CancellationToken cancellationToken) =>
        {
            response.Headers.CacheControl = Caching;
            return Results.Json(await documents.KeySetAsync(cancellationToken));
        }).AllowAnonymous();
    }
}
