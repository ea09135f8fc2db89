using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;

namespace Orchestrator.Runs;

/// <summary>Makes, changes and removes organisations with what every one of them has.</summary>
public sealed class OrganizationSettings(
    IDbContextFactory<OrchestratorDbContext> databases, WorkspaceRemoval removal, AccessCache access, TimeProvider clock)
{
    /// <summary>With its default project and its owners.</summary>
    /// <param name="creator">Its first owner; null when no person makes it.</param>
    public async Task<OrganizationEditResult> CreateAsync(OrganizationEdit wanted, UserId? creator, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var result = OrganizationEditor.Create(wanted, now);
        if (result.Organization is not { } organization)
        {
            return result;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Organizations.Add(organization);
        db.Projects.Add(new Project
        {
            Id = Identifier.New<ProjectId>(),
            OrganizationId = organization.Id,
            Name = Names.DefaultProject,
            CreatedAt = now,
        });
        db.AddOwners(organization.Id, creator, now);
        var created = await SaveAsync(db, organization, cancellationToken);
        await access.ForgetAsync();
        return created;
    }

    /// <returns>Neither organisation nor refusal when there is none of this id.</returns>
    public async Task<OrganizationEditResult> UpdateAsync(OrganizationId id, OrganizationEdit wanted, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Organizations.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } organization)
        {
            return new OrganizationEditResult(null);
        }
        var result = organization.Update(wanted);
        if (result.Organization is null)
        {
            return result;
        }
        if (organization.DefaultAgentPoolId is { } pool
            && !await db.AgentPoolsFor(organization.Id).AnyAsync(row => row.Id == pool, cancellationToken))
        {
            return new OrganizationEditResult(null,
                "The organization has no such agent pool, or it is not open to all its workspaces.", "default-agent-pool-id");
        }
        var updated = await SaveAsync(db, organization, cancellationToken);
        // Who may do what here hangs on whether a second factor is required.
        await access.ForgetAsync();
        return updated;
    }

    /// <summary>Its workspaces go with it, as long as they manage nothing.</summary>
    /// <returns>Why not, in a sentence; null when it is gone.</returns>
    public async Task<string?> RemoveAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var workspaces = await db.Workspaces.Where(workspace => workspace.OrganizationId == id).OrderBy(workspace => workspace.Name)
            .Select(workspace => new
            {
                workspace.Id,
                workspace.Name,
                IsManaging = db.StateVersions.Any(state => state.Id == workspace.CurrentStateVersionId && state.ResourceCount > 0),
            })
            .ToListAsync(cancellationToken);
        // Nothing goes when not all of it may.
        if (workspaces.Find(workspace => workspace.IsManaging) is { } managing)
        {
            return Managing(managing.Name);
        }
        foreach (var workspace in workspaces)
        {
            switch (await removal.RemoveAsync(workspace.Id, RemovalCare.Empty, cancellationToken))
            {
                case RemovalOutcome.ManagesResources:
                    return Managing(workspace.Name);
                case RemovalOutcome.LockedByRun:
                    return $"A run is at work in the workspace '{workspace.Name}'. Cancel the run, or wait for its end.";
            }
        }
        var removed = await db.Organizations
            .Where(row => row.Id == id && !db.Workspaces.Any(workspace => workspace.OrganizationId == row.Id))
            .ExecuteDeleteAsync(cancellationToken);
        // Its teams and tokens went with it.
        await access.ForgetAsync();
        return removed == 1
            ? null
            : "Somebody has made another workspace in the organization meanwhile. Try again.";
    }

    private static string Managing(string workspace) =>
        $"The workspace '{workspace}' manages resources, of which nobody would know any more. Destroy them, or delete the workspace by force, first.";

    private static async Task<OrganizationEditResult> SaveAsync(
        OrchestratorDbContext db, Organization organization, CancellationToken cancellationToken)
    {
        var taken = await db.Organizations.AnyAsync(row => row.Name == organization.Name && row.Id != organization.Id, cancellationToken);
        // The check may be overtaken; the index is not.
        return !taken && await db.TrySaveAsync(cancellationToken)
            ? new OrganizationEditResult(organization)
            : new OrganizationEditResult(null, OrganizationEditor.NameTaken, "name");
    }
}
