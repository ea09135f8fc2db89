using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Credentials;

namespace Orchestrator.Web.Api;

/// <summary>The ledger of a run, a workspace or an organisation, newest first: as pages, or in one stream with a line for each entry.</summary>
internal static class CredentialGrantsApi
{
    public static void MapCredentialGrants(this IEndpointRouteBuilder api)
    {
        Map(api, "/organizations/{organization}", async (string organization, OrchestratorDbContext db, CancellationToken cancellationToken) =>
        {
            var owner = (await db.OrganizationAsync(organization, cancellationToken)).Id;
            return db.CredentialGrants.Where(grant => grant.OrganizationId == owner);
        });
        Map(api, "/workspaces/{id}", async (id, db, cancellationToken) =>
            await db.Workspaces.AnyAsync(row => row.Id == new WorkspaceId(id), cancellationToken)
                ? db.CredentialGrants.Where(grant => grant.WorkspaceId == new WorkspaceId(id))
                : throw ApiProblem.NotFound());
        Map(api, "/runs/{id}", async (id, db, cancellationToken) =>
            await db.Runs.AnyAsync(row => row.Id == new RunId(id), cancellationToken)
                ? db.CredentialGrants.Where(grant => grant.RunId == new RunId(id))
                : throw ApiProblem.NotFound());
    }

    private static void Map(
        IEndpointRouteBuilder api, string owner, Func<string, OrchestratorDbContext, CancellationToken, Task<IQueryable<CredentialGrant>>> find)
    {
        api.MapGet($"{owner}/credential-grants", async (HttpRequest request, OrchestratorDbContext db) =>
        {
            var grants = await FindAsync(request, db);
            return request.Headers.Accept.Any(accepted => accepted!.Contains(LedgerExport.MediaType, StringComparison.OrdinalIgnoreCase))
                ? new LedgerExport(grants)
                : (IResult)await Paging.Of(request).AnswerAsync(grants, CredentialGrantResource.Map, request);
        }).WithSummary("List which credentials were given out, newest first").ReturnsPage<CredentialGrantAttributes>("credential-grants").Filters();
        api.MapGet($"{owner}/credential-grants/export", async (HttpRequest request, OrchestratorDbContext db) =>
            new LedgerExport(await FindAsync(request, db)))
            .WithSummary("Stream which credentials were given out, a line for each").ReturnsBytes(LedgerExport.MediaType).Filters();

        async Task<IQueryable<CredentialGrant>> FindAsync(HttpRequest request, OrchestratorDbContext db)
        {
            var named = (string)request.RouteValues.Single(value => value.Key is "organization" or "id").Value!;
            var grants = await find(named, db, request.HttpContext.RequestAborted);
            var (filter, fault) = CredentialGrantFilter.Read(name => request.Query[Parameter(name)]);
            return fault is { } wrong
                ? throw ApiProblem.BadRequest($"{Parameter(wrong.Name)}: {wrong.Reason}")
                : grants.AsNoTracking().Where(filter).NewestFirst();
        }
    }

    private static void Filters(this RouteHandlerBuilder route)
    {
        foreach (var (name, description) in CredentialGrantFilter.Parameters)
        {
            route.Query(Parameter(name), description);
        }
    }

    private static string Parameter(string name) => name == "search" ? "search[query]" : $"filter[{name}]";
}
