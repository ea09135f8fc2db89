using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

public sealed record WorkspaceAttributes(
    string Name, string? Description, string ExecutionMode, bool Operations, bool AutoApply, bool AllowDestroyPlan, bool Locked,
    string LockedReason, string TerraformVersion, string WorkingDirectory, bool StructuredRunOutputEnabled, bool SpeculativeEnabled,
    bool QueueAllRuns, bool FileTriggersEnabled, IReadOnlyList<string> TriggerPrefixes, IReadOnlyList<string> TriggerPatterns,
    string? VcsRepo, IReadOnlyList<string> TagNames, bool GlobalRemoteState, int ResourceCount, string Source, string Environment,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, WorkspaceActions Actions, WorkspacePermissions Permissions);

public sealed record WorkspaceActions(bool IsDestroyable);

/// <summary>The CLI stops with a crash when they are missing.</summary>
public sealed record WorkspacePermissions(
    bool CanUpdate, bool CanDestroy, bool CanQueueRun, bool CanQueueApply, bool CanQueueDestroy, bool CanReadRun, bool CanLock,
    bool CanUnlock, bool CanForceUnlock, bool CanReadSettings, bool CanReadVariable, bool CanUpdateVariable, bool CanReadStateVersions,
    bool CanReadStateOutputs, bool CanCreateStateVersions, bool CanManageTags, bool CanForceDelete)
{
    public static WorkspacePermissions All(bool allowed) => new(
        allowed, allowed, allowed, allowed, allowed, allowed, allowed, allowed, allowed, allowed, allowed, allowed, CanReadStateVersions: true,
        CanReadStateOutputs: true, allowed, allowed, allowed);
}

/// <summary>A workspace with what its document also names.</summary>
public sealed record WorkspaceView
{
    public required Workspace Workspace { get; init; }

    public required string Organization { get; init; }

    public int ResourceCount { get; init; }
}

internal static class WorkspaceResource
{
    public const string Type = "workspaces";

    public static IQueryable<WorkspaceView> WorkspaceViews(this OrchestratorDbContext db) =>
        from workspace in db.Workspaces.AsNoTracking()
        join organization in db.Organizations on workspace.OrganizationId equals organization.Id
        select new WorkspaceView
        {
            Workspace = workspace,
            Organization = organization.Name,
            ResourceCount = db.StateVersions
                .Where(state => state.Id == workspace.CurrentStateVersionId)
                .Select(state => state.ResourceCount)
                .FirstOrDefault(),
        };

    public static Resource<WorkspaceAttributes> Map(WorkspaceView view, bool allowed = true)
    {
        var workspace = view.Workspace;
        return new Resource<WorkspaceAttributes>(workspace.Id.Value, Type, new WorkspaceAttributes(
            workspace.Name, workspace.Description, EnumText.Of(workspace.ExecutionMode), workspace.ExecutionMode != ExecutionMode.Local,
            workspace.AutoApply, workspace.AllowDestroyPlan, workspace.IsLocked, LockReason(workspace), workspace.TerraformVersion,
            workspace.WorkingDirectory, StructuredRunOutputEnabled: false, SpeculativeEnabled: true, QueueAllRuns: false,
            FileTriggersEnabled: true, [], [], VcsRepo: null, [], GlobalRemoteState: false, view.ResourceCount, "tfe-api", "default",
            workspace.CreatedAt, workspace.UpdatedAt, new WorkspaceActions(IsDestroyable: true), WorkspacePermissions.All(allowed)))
        {
            Relationships = new Dictionary<string, Relationship>
            {
                ["organization"] = Relationship.One("organizations", view.Organization),
                ["project"] = Relationship.One("projects", workspace.ProjectId.Value),
                ["current-run"] = Relationship.One("runs", workspace.CurrentRunId?.Value),
                ["latest-run"] = Relationship.One("runs", workspace.CurrentRunId?.Value),
                ["current-state-version"] = Relationship.One("state-versions", workspace.CurrentStateVersionId?.Value),
                ["locked-by"] = LockedBy(workspace),
                ["agent-pool"] = Relationship.One("agent-pools", null),
                ["outputs"] = Relationship.Many("workspace-outputs", []),
            },
            Links = new Dictionary<string, string>
            {
                ["self"] = $"{ApiRoutes.Root}/organizations/{view.Organization}/workspaces/{workspace.Name}",
                ["self-html"] = $"/app/{view.Organization}/workspaces/{workspace.Name}",
            },
        };
    }

    private static string LockReason(Workspace workspace) =>
        workspace.LockedByRunId is { } run ? $"Locked by run {run}" : workspace.LockReason ?? "";

    private static Relationship LockedBy(Workspace workspace) => workspace.LockedByRunId is { } run
        ? Relationship.One("runs", run.Value)
        : Relationship.One("users", workspace.LockedBy);
}
