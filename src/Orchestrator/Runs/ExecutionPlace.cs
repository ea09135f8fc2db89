using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Where a workspace's terraform runs, with all that it inherits.</summary>
/// <param name="Pool">Only with <see cref="ExecutionMode.Agent"/>.</param>
public sealed record ExecutionPlace(ExecutionMode Mode, AgentPoolId? Pool)
{
    /// <param name="workspace">Null: what a workspace without a word of its own gets.</param>
    public static ExecutionPlace Of(Organization organization, Project project, Workspace? workspace) => Of(
        (workspace?.ExecutionMode, workspace?.AgentPoolId),
        (project.DefaultExecutionMode, project.DefaultAgentPoolId),
        (organization.DefaultExecutionMode, organization.DefaultAgentPoolId));

    /// <summary>The workspace's own word comes first, then its project's, then its organisation's. Each says so for mode and pool apart.</summary>
    /// <param name="levels">In this order.</param>
    public static ExecutionPlace Of(params ReadOnlySpan<(ExecutionMode? Mode, AgentPoolId? Pool)> levels)
    {
        ExecutionMode? mode = null;
        AgentPoolId? pool = null;
        foreach (var level in levels)
        {
            mode ??= level.Mode;
            pool ??= level.Pool;
        }
        return new ExecutionPlace(mode ?? ExecutionMode.Remote, mode == ExecutionMode.Agent ? pool : null);
    }
}

public static class ExecutionPlaces
{
    /// <summary>Where this workspace's terraform runs.</summary>
    public static async Task<ExecutionPlace> PlaceOfAsync(this OrchestratorDbContext db, Workspace workspace, CancellationToken cancellationToken)
    {
        var above = await (
            from project in db.Projects.AsNoTracking()
            where project.Id == workspace.ProjectId
            join organization in db.Organizations.AsNoTracking() on project.OrganizationId equals organization.Id
            select new { project, organization }).FirstAsync(cancellationToken);
        return ExecutionPlace.Of(above.organization, above.project, workspace);
    }
}
