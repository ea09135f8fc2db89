using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages;

internal static class WorkspaceQueries
{
    /// <summary>By the names in the address; null when there is none.</summary>
    public static Task<Workspace?> FindWorkspaceAsync(
        this OrchestratorDbContext db, string organization, string workspace, CancellationToken cancellationToken) =>
        (from row in db.Workspaces.AsNoTracking()
         join owner in db.Organizations on row.OrganizationId equals owner.Id
         where owner.Name == organization && row.Name == workspace
         select row).FirstOrDefaultAsync(cancellationToken);
}
