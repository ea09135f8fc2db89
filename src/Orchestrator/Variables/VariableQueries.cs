using Orchestrator.Data;

namespace Orchestrator.Variables;

public static class VariableQueries
{
    public static IQueryable<Variable> VariablesOf(this OrchestratorDbContext db, VariableOwner owner) =>
        owner.VariableSetId is { } set
            ? db.Variables.Where(variable => variable.VariableSetId == set)
            : db.Variables.Where(variable => variable.WorkspaceId == owner.WorkspaceId);

    /// <summary>The sets whose variables count in a workspace: global ones, and those assigned to it or to its project. What a project owns
    /// stays inside it, whatever it was assigned to before the workspace went elsewhere.</summary>
    public static IQueryable<VariableSet> SetsReaching(this OrchestratorDbContext db, WorkspaceId id) =>
        from workspace in db.Workspaces
        where workspace.Id == id
        from set in db.VariableSets
        where set.OrganizationId == workspace.OrganizationId && (set.ProjectId == null || set.ProjectId == workspace.ProjectId)
            && (set.Global
                || db.VariableSetWorkspaces.Any(assigned => assigned.VariableSetId == set.Id && assigned.WorkspaceId == id)
                || db.VariableSetProjects.Any(assigned => assigned.VariableSetId == set.Id && assigned.ProjectId == workspace.ProjectId))
        select set;

    /// <summary>The workspaces that these sets are assigned to, without those that have left the project which owns the set.</summary>
    public static IQueryable<VariableSetWorkspace> AssignedWorkspaces(this OrchestratorDbContext db, IReadOnlyCollection<VariableSetId> sets) =>
        from assigned in db.VariableSetWorkspaces
        where sets.Contains(assigned.VariableSetId)
        join set in db.VariableSets on assigned.VariableSetId equals set.Id
        join workspace in db.Workspaces on assigned.WorkspaceId equals workspace.Id
        where set.ProjectId == null || set.ProjectId == workspace.ProjectId
        orderby workspace.Name
        select assigned;

    /// <summary>The sets that reach every workspace of a project: global ones, and those assigned to it.</summary>
    public static IQueryable<VariableSet> SetsReaching(this OrchestratorDbContext db, ProjectId id) =>
        from project in db.Projects
        where project.Id == id
        from set in db.VariableSets
        where set.OrganizationId == project.OrganizationId && (set.ProjectId == null || set.ProjectId == id)
            && (set.Global || db.VariableSetProjects.Any(assigned => assigned.VariableSetId == set.Id && assigned.ProjectId == id))
        select set;
}
