using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Credentials;

namespace Orchestrator.Web.Api;

/// <summary>The ledger of a run, a workspace or an organisation, newest first: as pages, or in one stream with a line for each entry.</summary>
internal static class CredentialGrantsApi
{
    public static void MapCredentialGrants(this IEndpointRouteBuilder api)
    {
        const string ofOrganization = "/organizations/{organization}/credential-grants";
        const string ofWorkspace = "/workspaces/{id}/credential-grants";
        const string ofRun = "/runs/{id}/credential-grants";
        Describe(
            api.MapGet(ofOrganization, ListAsync).Needs(OrganizationRight.ReadCredentials),
            api.MapGet(ofOrganization + "/export", Export).Needs(OrganizationRight.ReadCredentials));
        Describe(
            api.MapGet(ofWorkspace, ListAsync).Needs(WorkspaceRight.ReadRuns),
            api.MapGet(ofWorkspace + "/export", Export).Needs(WorkspaceRight.ReadRuns));
        Describe(
            api.MapGet(ofRun, ListAsync).Needs(WorkspaceRight.ReadRuns),
            api.MapGet(ofRun + "/export", Export).Needs(WorkspaceRight.ReadRuns));
    }

    private static void Describe(RouteHandlerBuilder list, RouteHandlerBuilder export)
    {
        list.WithSummary("List which credentials were given out, newest first").ReturnsPage<CredentialGrantAttributes>("credential-grants").Filters();
        export.WithSummary("Stream which credentials were given out, a line for each").ReturnsBytes(LedgerExport.MediaType).Audited("export", "credential_grant").Filters();
    }

    private static async Task<IResult> ListAsync(HttpRequest request, Admission admission, OrchestratorDbContext db) =>
        request.Headers.Accept.Any(accepted => accepted!.Contains(LedgerExport.MediaType, StringComparison.OrdinalIgnoreCase))
            ? Export(request, admission, db)
            : await Paging.Of(request).AnswerAsync(Find(request, admission, db), CredentialGrantResource.Map, request);

    private static LedgerExport Export(HttpRequest request, Admission admission, OrchestratorDbContext db) =>
        new LedgerExport(Find(request, admission, db));

    private static IQueryable<CredentialGrant> Find(HttpRequest request, Admission admission, OrchestratorDbContext db)
    {
        var grants = db.CredentialGrants.AsNoTracking().Where(grant => grant.OrganizationId == admission.Scope.Organization);
        if (admission.Scope.Workspace is { } workspace)
        {
            grants = grants.Where(grant => grant.WorkspaceId == workspace);
        }
        if (admission.Scope.Run is { } run)
        {
            grants = grants.Where(grant => grant.RunId == run);
        }
        var (filter, fault) = CredentialGrantFilter.Read(name => request.Query[Parameter(name)]);
        return fault is { } wrong
            ? throw ApiProblem.BadRequest($"{Parameter(wrong.Name)}: {wrong.Reason}")
            : grants.Where(filter).NewestFirst();
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
