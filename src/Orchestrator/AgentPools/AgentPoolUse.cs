using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.AgentPools;

public static class AgentPoolUse
{
    public const string NotAllowed = "There is no such agent pool in the organization, or it is not open to this.";

    /// <summary>The pools that a workspace of the project may use.</summary>
    /// <param name="workspace">Null for one that is still to be made, and for a project's default.</param>
    public static IQueryable<AgentPool> AgentPoolsFor(
        this OrchestratorDbContext db, OrganizationId organization, ProjectId project, WorkspaceId? workspace) =>
        db.AgentPools.AsNoTracking().Where(pool => pool.OrganizationId == organization
            && (pool.OrganizationScoped
                ? !db.AgentPoolWorkspaces.Any(row => row.PoolId == pool.Id && row.WorkspaceId == workspace && row.Excluded)
                : db.AgentPoolWorkspaces.Any(row => row.PoolId == pool.Id && row.WorkspaceId == workspace && !row.Excluded)
                    || db.AgentPoolProjects.Any(row => row.PoolId == pool.Id && row.ProjectId == project)));

    /// <summary>The pools that an organisation may name as everybody's default.</summary>
    public static IQueryable<AgentPool> AgentPoolsFor(this OrchestratorDbContext db, OrganizationId organization) =>
        db.AgentPools.AsNoTracking().Where(pool => pool.OrganizationId == organization && pool.OrganizationScoped);
}
