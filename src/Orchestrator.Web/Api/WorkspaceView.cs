using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>A workspace with what its document also names.</summary>
public sealed record WorkspaceView
{
    /// <summary>All in one statement, however many there are.</summary>
    private static readonly QueryView<Workspace, WorkspaceView> View = new((db, workspaces) =>
        from workspace in workspaces
        join organization in db.Organizations on workspace.OrganizationId equals organization.Id
        join project in db.Projects on workspace.ProjectId equals project.Id
        join link in db.VcsRepositories on workspace.Id equals link.WorkspaceId into links
        from repository in links.DefaultIfEmpty()
        join reached in db.VcsConnections on repository.ConnectionId equals reached.Id into connections
        from connection in connections.DefaultIfEmpty()
        select new WorkspaceView
        {
            Workspace = workspace,
            Repository = repository == null ? null : new VcsRepoView(repository, connection.Service, connection.TokenId, connection.HttpUrl),
            Organization = organization.Name,
            DefaultMode = organization.DefaultExecutionMode,
            DefaultPool = organization.DefaultAgentPoolId,
            ProjectMode = project.DefaultExecutionMode,
            ProjectPool = project.DefaultAgentPoolId,
            ResourceCount = db.StateVersions
                .Where(state => state.Id == workspace.CurrentStateVersionId)
                .Select(state => state.ResourceCount)
                .FirstOrDefault(),
            Configuration = db.ConfigurationVersions
                .Where(version => version.WorkspaceId == workspace.Id && version.Status == ConfigurationVersionStatus.Uploaded
                    && !version.Speculative && !version.Provisional)
                .OrderByDescending(version => version.CreatedAt)
                .Select(version => (ConfigurationVersionId?)version.Id)
                .FirstOrDefault(),
            Tags = db.WorkspaceTags
                .Where(tag => tag.WorkspaceId == workspace.Id)
                .OrderBy(tag => tag.Key)
                .Select(tag => tag.Key)
                .ToList(),
        });

    private static readonly CompiledQuery<WorkspaceId, WorkspaceView> ById = new(View.Of(
        (OrchestratorDbContext db, WorkspaceId id) => db.Workspaces.AsNoTracking().Where(workspace => workspace.Id == id)));

    private static readonly CompiledQuery<string, string, WorkspaceView> ByName = new(View.Of(
        (OrchestratorDbContext db, string owner, string name) =>
            from workspace in db.Workspaces.AsNoTracking()
            join organization in db.Organizations on workspace.OrganizationId equals organization.Id
            where organization.Name == owner && workspace.Name == name
            select workspace));

    public required Workspace Workspace { get; init; }

    public required VcsRepoView? Repository { get; init; }

    public required string Organization { get; init; }

    public required ExecutionMode DefaultMode { get; init; }

    public required AgentPoolId? DefaultPool { get; init; }

    public required ExecutionMode? ProjectMode { get; init; }

    public required AgentPoolId? ProjectPool { get; init; }

    public required int ResourceCount { get; init; }

    public required ConfigurationVersionId? Configuration { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The ids of its current state's outputs.</summary>
    public IReadOnlyList<string> Outputs { get; set; } = [];

    public ExecutionPlace Place => ExecutionPlace.Of(
        (Workspace.ExecutionMode, Workspace.AgentPoolId), (ProjectMode, ProjectPool), (DefaultMode, DefaultPool));

    public static IQueryable<WorkspaceView> Of(IQueryable<Workspace> workspaces, OrchestratorDbContext db) => View.Of(workspaces, db);

    public static Task<WorkspaceView?> FindAsync(OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        ById.FirstOrDefaultAsync(db, id, cancellationToken);

    public static Task<WorkspaceView?> FindAsync(OrchestratorDbContext db, string organization, string name, CancellationToken cancellationToken) =>
        ByName.FirstOrDefaultAsync(db, organization, name, cancellationToken);
}
