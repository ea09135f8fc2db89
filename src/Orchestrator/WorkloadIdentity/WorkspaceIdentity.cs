using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>What a token's subject can say of a workspace. Names can change and be taken over by others; ids cannot.</summary>
public sealed record WorkspaceIdentity(
    OrganizationId OrganizationId,
    string OrganizationName,
    ProjectId ProjectId,
    string ProjectName,
    WorkspaceId WorkspaceId,
    string WorkspaceName)
{
    /// <param name="phase"><c>plan</c> or <c>apply</c>.</param>
    public RunIdentity InRun(RunId run, string phase) =>
        new(OrganizationId, OrganizationName, ProjectId, ProjectName, WorkspaceId, WorkspaceName, run, phase);
}
