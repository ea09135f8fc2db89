using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Api;

/// <summary>A state version with what its document also names.</summary>
public sealed record StateVersionView(StateVersion Version)
{
    private static readonly QueryView<StateVersion, StateVersionView> View = new((db, versions) =>
        from version in versions
        join workspace in db.Workspaces on version.WorkspaceId equals workspace.Id
        select new StateVersionView(version)
        {
            Scope = new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id),
            NextId = db.StateVersions.Where(next => next.PreviousId == version.Id).Select(next => (StateVersionId?)next.Id).FirstOrDefault(),
            RunsCreatorId = db.Runs.Where(run => run.Id == version.RunId).Select(run => run.CreatedById).FirstOrDefault(),
        });

    private static readonly CompiledQuery<StateVersionId, StateVersionView> ById = new(View.Of(
        (OrchestratorDbContext db, StateVersionId id) => db.StateVersions.AsNoTracking().Where(version => version.Id == id)));

    private static readonly CompiledQuery<WorkspaceId, StateVersionView> CurrentOf = new(View.Of(
        (OrchestratorDbContext db, WorkspaceId id) =>
            from workspace in db.Workspaces
            where workspace.Id == id
            join version in db.StateVersions.AsNoTracking() on workspace.CurrentStateVersionId equals version.Id
            select version));

    /// <summary>Where it belongs.</summary>
    public required Scope Scope { get; init; }

    public StateVersionId? NextId { get; init; }

    public IReadOnlyList<string> Outputs { get; set; } = [];

    /// <summary>Of what a run has written.</summary>
    public string? RunsCreatorId { get; init; }

    /// <summary>Whose it is.</summary>
    public string? AuthorId => Version.IsOfRun ? RunsCreatorId : Version.CreatedById;

    /// <summary>Its document may be sent, perhaps once more.</summary>
    public bool TakesUploads { get; init; } = Version.Status == StateVersionStatus.Pending;

    public static IQueryable<StateVersionView> Of(IQueryable<StateVersion> versions, OrchestratorDbContext db) => View.Of(versions, db);

    public static Task<StateVersionView?> FindAsync(OrchestratorDbContext db, StateVersionId id, CancellationToken cancellationToken) =>
        ById.FirstOrDefaultAsync(db, id, cancellationToken);

    /// <returns>Null when the workspace has no state.</returns>
    public static Task<StateVersionView?> FindCurrentAsync(OrchestratorDbContext db, WorkspaceId workspace, CancellationToken cancellationToken) =>
        CurrentOf.FirstOrDefaultAsync(db, workspace, cancellationToken);
}
