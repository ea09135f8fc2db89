using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>The variables that count in a workspace: its own, and those of every set that reaches it. Whoever wants to know what a
/// workspace's variable is asks here, so that what is shown, checked and run is the same.</summary>
public sealed class WorkspaceVariables(IDbContextFactory<OrchestratorDbContext> databases, VariableVault vault)
{
    /// <summary>Each with everything that it overrides; nothing is opened.</summary>
    public async Task<IReadOnlyList<EffectiveVariable>> ReadAsync(WorkspaceId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, id, cancellationToken);
    }

    /// <summary>The values that the workspace's next run would use.</summary>
    public async Task<IReadOnlyList<PlainVariable>> OpenAsync(WorkspaceId id, CancellationToken cancellationToken) =>
        Open(await ReadAsync(id, cancellationToken));

    /// <summary>The same with what the run brings along.</summary>
    /// <param name="ofTheRun">Gets what would count without it.</param>
    public async Task<IReadOnlyList<PlainVariable>> OpenAsync(
        WorkspaceId id, Func<IReadOnlyList<EffectiveVariable>, IReadOnlyList<PlainVariable>> ofTheRun, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stored = await FindAsync(db, id, cancellationToken);
        return Open(stored(ofTheRun(stored([]))));
    }

    public static async Task<IReadOnlyList<EffectiveVariable>> ReadAsync(
        OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        (await FindAsync(db, id, cancellationToken))([]);

    private PlainVariable[] Open(IReadOnlyList<EffectiveVariable> variables) => [.. variables.Select(variable => vault.Open(variable.Winner))];

    /// <returns>What counts with what a run brings along.</returns>
    private static async Task<Func<IReadOnlyList<PlainVariable>, IReadOnlyList<EffectiveVariable>>> FindAsync(
        OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken)
    {
        var sets = db.SetsReaching(id).Select(set => set.Id);
        var ids = db.Variables.Where(variable => variable.WorkspaceId == id).Select(variable => variable.Id)
            .Concat(db.Variables.Where(variable => sets.Contains(variable.VariableSetId!.Value)).Select(variable => variable.Id));
        // One statement, so that a variable which somebody moves between a workspace and a set meanwhile is in one of them.
        var rows = await (
            from workspace in db.Workspaces
            where workspace.Id == id
            from variable in db.Variables
            where ids.Contains(variable.Id)
            join set in db.VariableSets on variable.VariableSetId equals set.Id into itsSet
            from set in itsSet.DefaultIfEmpty()
            select new
            {
                Variable = variable,
                Set = set,
                Place = new WorkspacePlace(workspace.OrganizationId, workspace.ProjectId, workspace.Id),
                ToProject = db.VariableSetProjects.Any(assigned => assigned.VariableSetId == variable.VariableSetId && assigned.ProjectId == workspace.ProjectId),
                ToWorkspace = db.VariableSetWorkspaces.Any(assigned => assigned.VariableSetId == variable.VariableSetId && assigned.WorkspaceId == id),
            }).AsNoTracking().ToListAsync(cancellationToken);
        // Without a variable of its own or of a set, its place decides nothing.
        var place = rows.Count > 0 ? rows[0].Place : new WorkspacePlace(default, default, id);
        return ofTheRun => EffectiveVariables.Of(
            place,
            rows.Where(row => row.Set is null).Select(row => row.Variable),
            rows.Where(row => row.Set is not null).Select(row => (new AssignedSet(row.Set, row.ToProject, row.ToWorkspace), row.Variable)),
            ofTheRun);
    }
}
