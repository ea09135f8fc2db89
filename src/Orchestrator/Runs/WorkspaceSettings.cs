using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Tags;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>What somebody wants to change about a workspace, and about what hangs on it. Null: as it is, or the default.</summary>
public sealed record WorkspaceChange(WorkspaceEdit Settings)
{
    /// <summary>One of the same organisation.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>False: inherit the execution mode. True: have one of its own, which is the one that it has now if none is given.</summary>
    public bool? OverwritesExecutionMode { get; init; }

    /// <summary>The same for the agent pool.</summary>
    public bool? OverwritesAgentPool { get; init; }

    /// <summary>They take the place of all that it has.</summary>
    public IReadOnlyList<Tag>? Tags { get; init; }

    /// <summary>The repository from which it takes its configuration.</summary>
    public RepositoryChange? Repository { get; init; }
}

/// <summary>How a workspace came to be.</summary>
/// <param name="Source"><c>tfe-api</c> or <c>tfe-ui</c>.</param>
public sealed record WorkspaceOrigin(string Source, string? Name = null, string? Url = null);

/// <summary>The workspace, or why not. Neither: there is none.</summary>
public sealed record WorkspaceResult(Workspace? Workspace, WorkspaceRefusal? Refusal = null);

/// <summary>Makes and changes workspaces with all that their settings touch: project, agent pool and tags.</summary>
public sealed class WorkspaceSettings(IDbContextFactory<OrchestratorDbContext> databases, VcsLinks links, TimeProvider clock)
{
    // Somebody else may tag at the same time; names apart, the second attempt sees what they did.
    private const int MaxAttempts = 3;

    public Task<WorkspaceResult> CreateAsync(
        OrganizationId organization, WorkspaceChange wanted, WorkspaceOrigin origin, CancellationToken cancellationToken) =>
        SaveAsync(wanted with { Settings = wanted.Settings with { Name = wanted.Settings.Name ?? "" } }, (db, now) =>
        {
            var workspace = new Workspace
            {
                Id = Identifier.New<WorkspaceId>(),
                OrganizationId = organization,
                ProjectId = default,
                Name = "",
                Source = origin.Source,
                SourceName = Fit(origin.Name),
                SourceUrl = Fit(origin.Url),
                CreatedAt = now,
                UpdatedAt = now,
            };
            db.Workspaces.Add(workspace);
            return Task.FromResult<Workspace?>(workspace);
        }, cancellationToken);

    public Task<WorkspaceResult> UpdateAsync(WorkspaceId id, WorkspaceChange wanted, CancellationToken cancellationToken) =>
        SaveAsync(wanted, (db, _) => db.Workspaces.FirstOrDefaultAsync(row => row.Id == id, cancellationToken), cancellationToken);

    private async Task<WorkspaceResult> SaveAsync(
        WorkspaceChange wanted, Func<OrchestratorDbContext, DateTimeOffset, Task<Workspace?>> open, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var now = clock.GetUtcNow();
            if (await open(db, now) is not { } workspace)
            {
                return new WorkspaceResult(null);
            }
            if (await ChangeAsync(db, workspace, wanted, now, cancellationToken) is { } refusal)
            {
                return new WorkspaceResult(null, refusal);
            }
            if (await links.ChangeAsync(db, workspace, wanted.Repository, now, cancellationToken) is { } unlinked)
            {
                return new WorkspaceResult(null, unlinked);
            }
            if (await IsTakenAsync(db, workspace, cancellationToken))
            {
                return new WorkspaceResult(null, new WorkspaceRefusal(WorkspaceEditor.NameTaken, "name"));
            }
            workspace.UpdatedAt = now;
            if (await db.TrySaveAsync(cancellationToken))
            {
                if (wanted.Repository is { Removes: false })
                {
                    await links.SubscribeAsync(workspace.Id, cancellationToken);
                }
                return new WorkspaceResult(workspace);
            }
            if (attempt == MaxAttempts)
            {
                return new WorkspaceResult(null, new WorkspaceRefusal("Somebody else is changing the workspace. Try again.", "name"));
            }
        }
    }

    private static async Task<WorkspaceRefusal?> ChangeAsync(
        OrchestratorDbContext db, Workspace workspace, WorkspaceChange wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var organization = await db.Organizations.AsNoTracking().FirstAsync(row => row.Id == workspace.OrganizationId, cancellationToken);
        if (await FindProjectAsync(db, workspace, wanted.Project, cancellationToken) is not { } project)
        {
            return new WorkspaceRefusal("The organization has no such project.", "project", IsRelationship: true);
        }
        workspace.ProjectId = project.Id;
        if (workspace.Update(Resolve(wanted, ExecutionPlace.Of(organization, project, workspace))) is { } refusal)
        {
            return refusal;
        }
        if (await FindPoolProblemAsync(db, organization, project, workspace, cancellationToken) is { } problem)
        {
            return new WorkspaceRefusal(problem, "agent-pool-id");
        }
        return wanted.Tags is { } tags && await db.TagWorkspaceAsync(
            workspace.Id, organization.Id, project.Id, tags, TagChange.Replace, now, cancellationToken) is { } fault
            ? new WorkspaceRefusal(fault, "tag-bindings", IsRelationship: true)
            : null;
    }

    /// <summary>Puts into words of the editor what was said about inheritance. "Inherit" wins over a value: whoever sends back all that they
    /// have read sends the inherited value, too.</summary>
    private static WorkspaceEdit Resolve(WorkspaceChange wanted, ExecutionPlace now) => wanted.Settings with
    {
        ExecutionMode = wanted.OverwritesExecutionMode switch
        {
            false => "",
            true => wanted.Settings.ExecutionMode ?? EnumText.Of(now.Mode),
            null => wanted.Settings.ExecutionMode,
        },
        AgentPool = wanted.OverwritesAgentPool == true ? wanted.Settings.AgentPool ?? now.Pool : wanted.Settings.AgentPool,
        InheritAgentPool = wanted.Settings.InheritAgentPool || wanted.OverwritesAgentPool == false,
    };

    private static Task<Project?> FindProjectAsync(
        OrchestratorDbContext db, Workspace workspace, ProjectId? wanted, CancellationToken cancellationToken)
    {
        var projects = db.Projects.AsNoTracking().Where(row => row.OrganizationId == workspace.OrganizationId);
        var id = wanted ?? workspace.ProjectId;
        return id == default
            ? projects.FirstOrDefaultAsync(row => row.Name == Names.DefaultProject, cancellationToken)
            : projects.FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    private static async Task<string?> FindPoolProblemAsync(
        OrchestratorDbContext db, Organization organization, Project project, Workspace workspace, CancellationToken cancellationToken)
    {
        var place = ExecutionPlace.Of(organization, project, workspace);
        if (place.Mode == ExecutionMode.Agent && place.Pool is null)
        {
            return "The execution mode 'agent' needs an agent pool.";
        }
        return (place.Pool ?? workspace.AgentPoolId) is { } pool
            && !await db.AgentPoolsFor(organization.Id, project.Id, workspace.Id).AnyAsync(row => row.Id == pool, cancellationToken)
                ? AgentPoolUse.NotAllowed
                : null;
    }

    /// <summary>Asked before saving, so that a taken name is not confused with anything else that is saved along.</summary>
    private static Task<bool> IsTakenAsync(OrchestratorDbContext db, Workspace workspace, CancellationToken cancellationToken) =>
        db.Workspaces.AnyAsync(row => row.OrganizationId == workspace.OrganizationId && row.Name == workspace.Name && row.Id != workspace.Id, cancellationToken);

    private static string? Fit(string? text) => RunText.Fit(text, Workspace.MaxSourceLength);
}
