using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

internal sealed class WorkspaceResource(VcsLinks links, OutputIds outputs) : ResourceType<WorkspaceView, WorkspaceAttributes>(Type)
{
    public const string Type = "workspaces";

    protected override IReadOnlyList<Relation<WorkspaceView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization).Includable(),
        One("project", ProjectResource.Type, view => view.Workspace.ProjectId.Value).Includable(),
        One("current-run", RunResource.Type, view => view.Workspace.CurrentRunId?.Value).Includable(),
        One("latest-run", RunResource.Type, view => view.Workspace.CurrentRunId?.Value).Includable(),
        One("current-state-version", StateVersionResource.Type, view => view.Workspace.CurrentStateVersionId?.Value).Includable(),
        One("current-configuration-version", ConfigurationVersionResource.Type, view => view.Configuration?.Value).Includable(),
        Either("locked-by", [RunResource.Type, "users", "teams"], LockedBy).Includable(),
        One("agent-pool", AgentPoolResource.Type, view => view.Place.Pool?.Value).Includable(),
        One("ssh-key", SshKeyResource.Type, view => view.Workspace.SshKeyId?.Value).Includable(),
        Many("outputs", WorkspaceOutputResource.Type, view => view.Outputs).Includable(),
        Many("tags", TagResource.Type, view => view.Tags.Select(key => TagResource.IdOf(view.Workspace.OrganizationId, key))).Includable(),
        Linked("remote-state-consumers", view => $"{Address(view)}/relationships/remote-state-consumers"),
        Linked("tag-bindings", view => $"{Address(view)}/tag-bindings"),
        Linked("effective-tag-bindings", EffectiveTagBindingResource.Type, view => $"{Address(view)}/effective-tag-bindings",
            EffectiveTagBindingResource.OfWorkspacesAsync),
        Found("vars", VariableResource.Type, VariableResource.OfWorkspacesAsync),
        Empty("readme", "workspace-readmes"),
        Empty("current-assessment-result", "assessment-results"),
    ];

    protected override string IdOf(WorkspaceView row) => row.Workspace.Id.Value;

    protected override IQueryable<WorkspaceView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new WorkspaceId(id)).ToArray();
        return WorkspaceView.Of(db.Workspaces.Where(workspace => wanted.Contains(workspace.Id)), db);
    }

    protected override IQueryable<WorkspaceView> Row(OrchestratorDbContext db, string id) =>
        WorkspaceView.Of(db.Workspaces.Where(workspace => workspace.Id == new WorkspaceId(id)), db);

    protected override async Task GatherAsync(IReadOnlyList<WorkspaceView> rows, HttpContext context)
    {
        var states = rows.Select(view => view.Workspace.CurrentStateVersionId).OfType<StateVersionId>().ToArray();
        if (states.Length == 0)
        {
            return;
        }
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var ids = await outputs.OfAsync(db, states, context.RequestAborted);
        foreach (var view in rows)
        {
            view.Outputs = view.Workspace.CurrentStateVersionId is { } state ? ids[state] : [];
        }
    }

    protected override bool MaySee(WorkspaceView row, HttpContext context) => Caller.Of(context).MayMeet(row.Workspace.Id);

    protected override IReadOnlyDictionary<string, string> LinksOf(WorkspaceView row) => new Dictionary<string, string>
    {
        ["self"] = $"{ApiRoutes.Root}/organizations/{row.Organization}/workspaces/{row.Workspace.Name}",
        ["self-html"] = $"/app/{row.Organization}/workspaces/{row.Workspace.Name}",
    };

    protected override IQueryable<WorkspaceView> Visible(IQueryable<WorkspaceView> rows, HttpContext context)
    {
        var admission = Admission.Of(context);
        if (admission.Standing.Across(admission.Scope.Organization).Workspaces.HasFlag(WorkspaceRight.See))
        {
            return rows;
        }
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var seen = db.Workspaces.SeenBy(db, admission.Standing);
        return rows.Where(view => seen.Any(workspace => workspace.Id == view.Workspace.Id));
    }

    protected override WorkspaceAttributes Show(WorkspaceView row, HttpContext context)
    {
        var (workspace, mode) = (row.Workspace, row.Place.Mode);
        return new WorkspaceAttributes
        {
            Name = workspace.Name,
            Description = workspace.Description,
            ExecutionMode = EnumText.Of(mode),
            Operations = mode != ExecutionMode.Local,
            SettingOverwrites = new WorkspaceOverwrites(workspace.ExecutionMode is not null, workspace.AgentPoolId is not null),
            AutoApply = workspace.AutoApply,
            AutoApplyRunTrigger = workspace.AutoApplyRunTrigger,
            AllowDestroyPlan = workspace.AllowDestroyPlan,
            Locked = workspace.IsLocked,
            LockedReason = LockReason(workspace),
            Engine = EnumText.Of(workspace.Engine),
            TerraformVersion = workspace.TerraformVersion,
            WorkingDirectory = workspace.WorkingDirectory,
            GlobalRemoteState = workspace.GlobalRemoteState,
            ProjectRemoteState = workspace.ProjectRemoteState,
            StructuredRunOutputEnabled = workspace.StructuredRunOutputEnabled,
            SpeculativeEnabled = workspace.SpeculativeEnabled,
            QueueAllRuns = workspace.QueueAllRuns,
            FileTriggersEnabled = workspace.FileTriggersEnabled,
            TriggerPrefixes = workspace.TriggerPrefixes,
            TriggerPatterns = workspace.TriggerPatterns,
            VcsRepo = row.Repository?.Show(links),
            VcsRepoIdentifier = row.Repository?.Repository.Identifier,
            TagNames = row.Tags,
            ResourceCount = row.ResourceCount,
            Source = workspace.Source,
            SourceName = workspace.SourceName,
            SourceUrl = workspace.SourceUrl,
            CreatedAt = workspace.CreatedAt,
            UpdatedAt = workspace.UpdatedAt,
            LatestChangeAt = workspace.UpdatedAt,
            CanQueueDestroyPlan = workspace.AllowDestroyPlan,
            PlanDurationAverage = workspace.Figures.PlanMilliseconds,
            ApplyDurationAverage = workspace.Figures.ApplyMilliseconds,
            RunFailures = workspace.Figures.Failures,
            // No policy is checked here, so none has failed.
            PolicyCheckFailures = workspace.Figures.Runs is null ? null : 0,
            WorkspaceKpisRunsCount = workspace.Figures.Runs,
            DivergedRunId = workspace.DivergedRunId?.Value,
            Actions = new WorkspaceActions(workspace.AllowDestroyPlan),
            Permissions = WorkspacePermissions.Of(
                Admission.Of(context).Standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id)),
        };
    }

    private static string Address(WorkspaceView view) => $"{ApiRoutes.Root}/workspaces/{view.Workspace.Id}";

    private static string LockReason(Workspace workspace) =>
        workspace.LockedByRunId is { } run ? $"Locked by run {run}" : workspace.LockReason ?? "";

    private static Relationship LockedBy(WorkspaceView view) => view.Workspace.LockedByRunId is { } run
        ? Relationship.One(RunResource.Type, run.Value)
        : People.Holder(view.Workspace.LockedById);
}
