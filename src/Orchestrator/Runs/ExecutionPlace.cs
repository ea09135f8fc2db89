using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Where a workspace's terraform runs, with all that it inherits.</summary>
/// <param name="Pool">Only with <see cref="ExecutionMode.Agent"/>.</param>
public sealed record ExecutionPlace(ExecutionMode Mode, AgentPoolId? Pool)
{
    /// <summary>The workspace's own word comes first, then its project's, then its organisation's. Each says so for mode and pool apart.</summary>
    /// <param name="workspace">Null: what a workspace without a word of its own gets.</param>
    public static ExecutionPlace Of(Organization organization, Project project, Workspace? workspace)
    {
        var mode = workspace?.ExecutionMode ?? project.DefaultExecutionMode ?? organization.DefaultExecutionMode;
        var pool = workspace?.AgentPoolId ?? project.DefaultAgentPoolId ?? organization.DefaultAgentPoolId;
        return new ExecutionPlace(mode, mode == ExecutionMode.Agent ? pool : null);
    }
}
