using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Credentials;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Web.Pages.Credentials;

/// <summary>The ledger's pages as files, with the same filters.</summary>
internal static class LedgerRoutes
{
    public static void MapLedgerFiles(this IEndpointRouteBuilder site)
    {
        site.MapGet("/app/{organization}/settings/credentials/ledger.jsonl", (HttpRequest request, Admission admission, OrchestratorDbContext db) =>
            Export(request, db.CredentialGrants.Where(grant => grant.OrganizationId == admission.Scope.Organization)));
        site.MapGet("/app/{organization}/workspaces/{workspace}/credentials/ledger.jsonl", (HttpRequest request, Admission admission, OrchestratorDbContext db) =>
            Export(request, db.CredentialGrants.Where(grant => grant.WorkspaceId == admission.Scope.Workspace)));
    }

    private static IResult Export(HttpRequest request, IQueryable<CredentialGrant> grants)
    {
        var (filter, fault) = CredentialGrantFilter.Read(name => request.Query[name]);
        return fault is { } wrong
            ? Results.Text(wrong.Reason + "\n", statusCode: StatusCodes.Status400BadRequest)
            : new LedgerExport(grants.AsNoTracking().Where(filter).NewestFirst());
    }
}
