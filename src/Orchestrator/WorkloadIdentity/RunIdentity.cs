using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>Whom a token speaks for: one phase of one run.</summary>
/// <param name="Phase"><c>plan</c> or <c>apply</c>.</param>
public sealed record RunIdentity(
    OrganizationId OrganizationId,
    string OrganizationName,
    ProjectId ProjectId,
    string ProjectName,
    WorkspaceId WorkspaceId,
    string WorkspaceName,
    RunId RunId,
    string Phase)
{
    public string FullWorkspace => $"organization:{OrganizationName}:project:{ProjectName}:workspace:{WorkspaceName}";

    public WorkspaceIdentity Workspace => new(OrganizationId, OrganizationName, ProjectId, ProjectName, WorkspaceId, WorkspaceName);

    public SubjectTemplate Template { get; init; } = SubjectTemplate.Names;

    /// <summary>What trust policies match.</summary>
    public string Subject => Template.Render(Workspace, Phase);
}
