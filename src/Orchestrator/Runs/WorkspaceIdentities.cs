using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

internal static class WorkspaceIdentities
{
    /// <returns>Null when there is no such workspace.</returns>
    public static async Task<WorkspaceIdentity?> FindIdentityAsync(
        this IDbContextFactory<OrchestratorDbContext> databases, WorkspaceId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from workspace in db.Workspaces.AsNoTracking()
            where workspace.Id == id
            join project in db.Projects on workspace.ProjectId equals project.Id
            join organization in db.Organizations on workspace.OrganizationId equals organization.Id
            select new WorkspaceIdentity(organization.Id, organization.Name, project.Id, project.Name, workspace.Id, workspace.Name))
            .FirstOrDefaultAsync(cancellationToken);
    }
}
