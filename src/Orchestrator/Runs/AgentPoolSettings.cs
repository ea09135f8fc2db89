using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>The pool, or why not. Neither: there is none.</summary>
public sealed record AgentPoolResult(AgentPool? Pool, AgentPoolRefusal? Refusal = null);

/// <summary>Makes, changes and removes agent pools with all that they are tied to.</summary>
public sealed class AgentPoolSettings(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    public Task<AgentPoolResult> CreateAsync(OrganizationId organization, AgentPoolEdit wanted, CancellationToken cancellationToken) =>
        SaveAsync(wanted with { Name = wanted.Name ?? "" }, db =>
        {
            var pool = new AgentPool
            {
                Id = Identifier.New<AgentPoolId>(),
                OrganizationId = organization,
                Name = "",
                CreatedAt = clock.GetUtcNow(),
            };
            db.AgentPools.Add(pool);
            return Task.FromResult<AgentPool?>(pool);
        }, cancellationToken);

    public Task<AgentPoolResult> UpdateAsync(AgentPoolId id, AgentPoolEdit wanted, CancellationToken cancellationToken) =>
        SaveAsync(wanted, db => db.AgentPools.FirstOrDefaultAsync(row => row.Id == id, cancellationToken), cancellationToken);

    /// <returns>Why not, in a sentence; null when it is gone.</returns>
    public async Task<string?> RemoveAsync(AgentPoolId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // One statement: nobody can choose the pool between the look and the removal.
        var removed = await db.AgentPools.Where(pool => pool.Id == id
            && !db.Workspaces.Any(workspace => workspace.AgentPoolId == id)
            && !db.Projects.Any(project => project.DefaultAgentPoolId == id)
            && !db.Organizations.Any(organization => organization.DefaultAgentPoolId == id)
            && !db.Runs.Any(run => run.AgentPoolId == id && !RunMoves.Final.Contains(run.Status))).ExecuteDeleteAsync(cancellationToken);
        return removed == 1
            ? null
            : "The agent pool is in use: by a workspace, as a default, or by a run that is not over.";
    }

    private async Task<AgentPoolResult> SaveAsync(
        AgentPoolEdit wanted, Func<OrchestratorDbContext, Task<AgentPool?>> open, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await open(db) is not { } pool)
        {
            return new AgentPoolResult(null);
        }
        if (pool.Update(wanted) is { } refusal)
        {
            return new AgentPoolResult(null, refusal);
        }
        if (await ScopeAsync(db, pool, wanted, cancellationToken) is { } foreign)
        {
            return new AgentPoolResult(null, new AgentPoolRefusal("The organization has no such member.", foreign, IsRelationship: true));
        }
        return await db.TrySaveAsync(cancellationToken)
            ? new AgentPoolResult(pool)
            : new AgentPoolResult(null, new AgentPoolRefusal(AgentPoolEditor.NameTaken, "name"));
    }

    /// <returns>The relationship that names something of another organisation; null when there is none.</returns>
    private static async Task<string?> ScopeAsync(
        OrchestratorDbContext db, AgentPool pool, AgentPoolEdit wanted, CancellationToken cancellationToken)
    {
        foreach (var (workspaces, excluded, name) in new[]
        {
            (wanted.AllowedWorkspaces, false, "allowed-workspaces"), (wanted.ExcludedWorkspaces, true, "excluded-workspaces"),
        })
        {
            if (workspaces is null)
            {
                continue;
            }
            if (await db.Workspaces.CountAsync(row => workspaces.Contains(row.Id) && row.OrganizationId == pool.OrganizationId, cancellationToken) != workspaces.Count)
            {
                return name;
            }
            var present = await db.AgentPoolWorkspaces.Where(row => row.PoolId == pool.Id && row.Excluded == excluded).ToListAsync(cancellationToken);
            db.AgentPoolWorkspaces.RemoveRange(present.Where(row => !workspaces.Contains(row.WorkspaceId)));
            db.AgentPoolWorkspaces.AddRange(workspaces.Except(present.Select(row => row.WorkspaceId))
                .Select(id => new AgentPoolWorkspace { PoolId = pool.Id, WorkspaceId = id, Excluded = excluded }));
        }
        if (wanted.AllowedProjects is { } projects)
        {
            if (await db.Projects.CountAsync(row => projects.Contains(row.Id) && row.OrganizationId == pool.OrganizationId, cancellationToken) != projects.Count)
            {
                return "allowed-projects";
            }
            var present = await db.AgentPoolProjects.Where(row => row.PoolId == pool.Id).ToListAsync(cancellationToken);
            db.AgentPoolProjects.RemoveRange(present.Where(row => !projects.Contains(row.ProjectId)));
            db.AgentPoolProjects.AddRange(projects.Except(present.Select(row => row.ProjectId))
                .Select(id => new AgentPoolProject { PoolId = pool.Id, ProjectId = id }));
        }
        return null;
    }
}
