using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Credentials;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Web.Pages.Credentials;

/// <summary>The ledger's pages as files, with the same filters.</summary>
internal static class LedgerRoutes
{
    public static void MapLedgerFiles(this IEndpointRouteBuilder site)
    {
        site.MapGet("/app/{organization}/settings/credentials/ledger.jsonl", async (
            string organization, HttpRequest request, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.Organizations.FirstOrDefaultAsync(row => row.Name == organization, cancellationToken) is { } found
                ? Export(request, db.CredentialGrants.Where(grant => grant.OrganizationId == found.Id))
                : Results.NotFound());
        site.MapGet("/app/{organization}/workspaces/{workspace}/credentials/ledger.jsonl", async (
            string organization, string workspace, HttpRequest request, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.FindWorkspaceAsync(organization, workspace, cancellationToken) is { } found
                ? Export(request, db.CredentialGrants.Where(grant => grant.WorkspaceId == found.Id))
                : Results.NotFound());
    }

    private static IResult Export(HttpRequest request, IQueryable<CredentialGrant> grants)
    {
        var (filter, fault) = CredentialGrantFilter.Read(name => request.Query[name]);
        return fault is { } wrong
            ? Results.Text(wrong.Reason + "\n", statusCode: StatusCodes.Status400BadRequest)
            : new LedgerExport(grants.AsNoTracking().Where(filter).NewestFirst());
    }
}
