using Orchestrator.Data;
using Orchestrator.Web.Access;
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

    /// <summary>The ids of its current state's outputs.</summary>
    public IReadOnlyList<string> Outputs { get; set; } = [];
}

internal sealed class WorkspaceResource() : ResourceType<WorkspaceView, WorkspaceAttributes>(Type)
{
    public const string Type = "workspaces";

    protected override IReadOnlyList<Relation<WorkspaceView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization).Includable(),
        One("project", ProjectResource.Type, view => view.Workspace.ProjectId.Value).Includable(),
        One("current-run", RunResource.Type, view => view.Workspace.CurrentRunId?.Value).Includable(),
        One("latest-run", RunResource.Type, view => view.Workspace.CurrentRunId?.Value).Includable(),
        One("current-state-version", StateVersionResource.Type, view => view.Workspace.CurrentStateVersionId?.Value).Includable(),
        Either("locked-by", [RunResource.Type, "users", "teams"], LockedBy).Includable(),
        One("agent-pool", "agent-pools", _ => null).Includable(),
        Many("outputs", WorkspaceOutputResource.Type, view => view.Outputs).Includable(),
        Found("vars", VariableResource.Type, VariableResource.OfWorkspacesAsync),
        Empty("readme", "workspace-readmes"),
        Empty("current-assessment-result", "assessment-results"),
        Empty("effective-tag-bindings", "effective-tag-bindings"),
    ];

    protected override string IdOf(WorkspaceView row) => row.Workspace.Id.Value;

    protected override IQueryable<WorkspaceView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new WorkspaceId(id)).ToArray();
        return View(db.Workspaces.Where(workspace => wanted.Contains(workspace.Id)), db);
    }

    protected override IQueryable<WorkspaceView> Row(OrchestratorDbContext db, string id) =>
        View(db.Workspaces.Where(workspace => workspace.Id == new WorkspaceId(id)), db);

    protected override async Task GatherAsync(IReadOnlyList<WorkspaceView> rows, HttpContext context)
    {
        var states = rows.Select(view => view.Workspace.CurrentStateVersionId).OfType<StateVersionId>().ToArray();
        if (states.Length == 0)
        {
            return;
        }
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var outputs = await StateOutputResource.OfVersionsAsync(db, states, context.RequestAborted);
        foreach (var view in rows)
        {
            view.Outputs = view.Workspace.CurrentStateVersionId is { } state ? [.. outputs[state]] : [];
        }
    }

    protected override bool MaySee(WorkspaceView row, HttpContext context) => Caller.Of(context).MayReadState(row.Workspace.Id);

    protected override IReadOnlyDictionary<string, string> LinksOf(WorkspaceView row) => new Dictionary<string, string>
    {
        ["self"] = $"{ApiRoutes.Root}/organizations/{row.Organization}/workspaces/{row.Workspace.Name}",
        ["self-html"] = $"/app/{row.Organization}/workspaces/{row.Workspace.Name}",
    };

    protected override WorkspaceAttributes Show(WorkspaceView row, HttpContext context)
    {
        var workspace = row.Workspace;
        return new WorkspaceAttributes(
            workspace.Name, workspace.Description, EnumText.Of(workspace.ExecutionMode), workspace.ExecutionMode != ExecutionMode.Local,
            workspace.AutoApply, workspace.AllowDestroyPlan, workspace.IsLocked, LockReason(workspace), workspace.TerraformVersion,
            workspace.WorkingDirectory, StructuredRunOutputEnabled: false, SpeculativeEnabled: true, QueueAllRuns: false,
            FileTriggersEnabled: true, [], [], VcsRepo: null, [], GlobalRemoteState: false, row.ResourceCount, "tfe-api", "default",
            workspace.CreatedAt, workspace.UpdatedAt, new WorkspaceActions(IsDestroyable: true),
            WorkspacePermissions.All(Caller.Of(context).IsSiteAdmin));
    }

    public static IQueryable<WorkspaceView> View(IQueryable<Workspace> workspaces, OrchestratorDbContext db) =>
        from workspace in workspaces
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

    private static string LockReason(Workspace workspace) =>
        workspace.LockedByRunId is { } run ? $"Locked by run {run}" : workspace.LockReason ?? "";

    private static Relationship LockedBy(WorkspaceView view) => view.Workspace.LockedByRunId is { } run
        ? Relationship.One(RunResource.Type, run.Value)
        : People.Holder(view.Workspace.LockedById);
}
