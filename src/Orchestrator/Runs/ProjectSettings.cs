using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Tags;

namespace Orchestrator.Runs;

/// <summary>What somebody wants to change about a project, and about what hangs on it. Null: as it is, or the default.</summary>
public sealed record ProjectChange(ProjectEdit Settings)
{
    /// <summary>False: inherit the execution mode. True: have one of its own, which is the one that it has now if none is given.</summary>
    public bool? OverwritesExecutionMode { get; init; }

    /// <summary>The same for the agent pool.</summary>
    public bool? OverwritesAgentPool { get; init; }

    /// <summary>They take the place of all that it has.</summary>
    public IReadOnlyList<Tag>? Tags { get; init; }
}

/// <summary>The project, or why not. Neither: there is none.</summary>
public sealed record ProjectResult(Project? Project, ProjectRefusal? Refusal = null);

/// <summary>Makes and changes projects with all that their settings touch, and removes them.</summary>
public sealed class ProjectSettings(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    public Task<ProjectResult> CreateAsync(OrganizationId organization, ProjectChange wanted, CancellationToken cancellationToken) =>
        SaveAsync(wanted with { Settings = wanted.Settings with { Name = wanted.Settings.Name ?? "" } }, db =>
        {
            var project = new Project
            {
                Id = Identifier.New<ProjectId>(),
                OrganizationId = organization,
                Name = "",
                CreatedAt = clock.GetUtcNow(),
            };
            db.Projects.Add(project);
            return Task.FromResult<Project?>(project);
        }, cancellationToken);

    public Task<ProjectResult> UpdateAsync(ProjectId id, ProjectChange wanted, CancellationToken cancellationToken) =>
        SaveAsync(wanted, db => db.Projects.FirstOrDefaultAsync(row => row.Id == id, cancellationToken), cancellationToken);

    /// <returns>Why not, in a sentence; null when it is gone.</returns>
    public async Task<string?> RemoveAsync(Project project, CancellationToken cancellationToken)
    {
        if (project.Name == Names.DefaultProject)
        {
            return $"The project '{Names.DefaultProject}' cannot be deleted: workspaces without a project go there.";
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await db.Projects
            .Where(row => row.Id == project.Id && !db.Workspaces.Any(workspace => workspace.ProjectId == row.Id))
            .ExecuteDeleteAsync(cancellationToken);
        return removed == 1 ? null : "The project still has workspaces. Move them to another project or delete them first.";
    }

    /// <summary>Moves workspaces of the same organisation into the project: all of them or none.</summary>
    /// <returns>Why not, in a sentence; null when they are there.</returns>
    public async Task<string?> MoveInAsync(Project project, IReadOnlyCollection<WorkspaceId> workspaces, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var moved = await db.Workspaces
            .Where(row => workspaces.Contains(row.Id) && row.OrganizationId == project.OrganizationId)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.ProjectId, project.Id)
                .SetProperty(row => row.UpdatedAt, now), cancellationToken);
        if (moved != workspaces.Count)
        {
            return "The organization has no such workspace.";
        }
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task<ProjectResult> SaveAsync(
        ProjectChange wanted, Func<OrchestratorDbContext, Task<Project?>> open, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await open(db) is not { } project)
        {
            return new ProjectResult(null);
        }
        var organization = await db.Organizations.AsNoTracking().FirstAsync(row => row.Id == project.OrganizationId, cancellationToken);
        if (project.Update(Resolve(wanted, ExecutionPlace.Of(organization, project, workspace: null))) is { } refusal)
        {
            return new ProjectResult(null, refusal);
        }
        var place = ExecutionPlace.Of(organization, project, workspace: null);
        if (place is { Mode: ExecutionMode.Agent, Pool: null })
        {
            return new ProjectResult(null, new ProjectRefusal("The execution mode 'agent' needs an agent pool.", "default-agent-pool-id"));
        }
        if (project.DefaultAgentPoolId is { } pool
            && !await db.AgentPoolsFor(organization.Id, project.Id, workspace: null).AnyAsync(row => row.Id == pool, cancellationToken))
        {
            return new ProjectResult(null, new ProjectRefusal(AgentPoolUse.NotAllowed, "default-agent-pool-id"));
        }
        if (wanted.Tags is { } tags
            && await db.TagProjectAsync(project.Id, tags, TagChange.Replace, clock.GetUtcNow(), cancellationToken) is { } fault)
        {
            return new ProjectResult(null, new ProjectRefusal(fault, "tag-bindings", IsRelationship: true));
        }
        return await db.TrySaveAsync(cancellationToken)
            ? new ProjectResult(project)
            : new ProjectResult(null, new ProjectRefusal(ProjectEditor.NameTaken, "name"));
    }

    /// <summary>"Inherit" wins over a value: whoever sends back all that they have read sends the inherited value, too.</summary>
    private static ProjectEdit Resolve(ProjectChange wanted, ExecutionPlace now) => wanted.Settings with
    {
        DefaultExecutionMode = wanted.OverwritesExecutionMode switch
        {
            false => "",
            true => wanted.Settings.DefaultExecutionMode ?? EnumText.Of(now.Mode),
            null => wanted.Settings.DefaultExecutionMode,
        },
        DefaultAgentPool = wanted.OverwritesAgentPool == true ? wanted.Settings.DefaultAgentPool ?? now.Pool : wanted.Settings.DefaultAgentPool,
        InheritAgentPool = wanted.Settings.InheritAgentPool || wanted.OverwritesAgentPool == false,
    };
}
