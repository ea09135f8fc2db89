using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Parts;
using Orchestrator.WorkloadIdentity;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed partial class SettingsPage(WorkspaceSettings settings, CredentialPolicies policies, AccessCache cache)
{
    private const int MaxProjects = 1000;

    private Workspace? _workspace;
    private IReadOnlyList<Project> _projects = [];
    private IReadOnlyList<AgentPool> _pools = [];
    private SubjectTemplate? _subject;
    private int _resources;
    private string? _refusal;
    private string? _renameRefusal;

    [SupplyParameterFromForm(FormName = "settings")]
    private SettingsForm? Form { get; set; }

    [SupplyParameterFromForm(FormName = "rename")]
    private RenameForm? NewName { get; set; }

    private bool MayChange => Here.May(WorkspaceRight.Update);

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        // Where it is, and where the reader may move it to.
        _projects = await db.Projects.AsNoTracking().Where(project => project.OrganizationId == workspace.OrganizationId)
            .Where(Here.May(ProjectRight.MoveWorkspaces) ? Here.Standing : Standing.Nothing, ProjectRight.MoveWorkspaces)
            .Union(db.Projects.AsNoTracking().Where(project => project.Id == workspace.ProjectId))
            .OrderBy(project => project.Name).Take(MaxProjects).ToListAsync(Context.RequestAborted);
        _pools = await db.AgentPoolsFor(workspace.OrganizationId, workspace.ProjectId, workspace.Id)
            .OrderBy(pool => pool.Name).ToListAsync(Context.RequestAborted);
        _subject = (await policies.OfAsync(workspace.OrganizationId, workspace.ProjectId, workspace.Id, Context.RequestAborted)).Subject;
        _resources = await db.StateVersions.Where(state => state.Id == workspace.CurrentStateVersionId).Select(state => state.ResourceCount)
            .FirstOrDefaultAsync(Context.RequestAborted);
        NewName ??= new RenameForm { Name = workspace.Name };
        Form ??= SettingsForm.Of(
            workspace,
            await db.WorkspaceTags.AsNoTracking().Where(tag => tag.WorkspaceId == workspace.Id).OrderBy(tag => tag.Key)
                .Select(tag => new Tag(tag.Key, tag.Value)).ToListAsync(Context.RequestAborted),
            await (
                from row in db.RemoteStateConsumers
                where row.WorkspaceId == workspace.Id
                join consumer in db.Workspaces on row.ConsumerId equals consumer.Id
                orderby consumer.Name
                select consumer.Name).ToListAsync(Context.RequestAborted));
        // Last: a request that is given up while this waits is rendered all the same.
        _workspace = workspace;
    }

    private async Task SaveAsync()
    {
        await using var db = await Databases.CreateDbContextAsync(Context.RequestAborted);
        var names = Form!.ConsumerNames;
        var consumers = await db.Workspaces.Where(row => row.OrganizationId == _workspace!.OrganizationId && names.Contains(row.Name))
            .Select(row => new { row.Id, row.Name }).ToListAsync(Context.RequestAborted);
        if (names.Except(consumers.Select(consumer => consumer.Name)).FirstOrDefault() is { } unknown)
        {
            _refusal = $"The organization has no workspace '{unknown}' that could read the state.";
            return;
        }
        var change = Form.ToChange();
        if (change.Project is { } project && _projects.All(open => open.Id != project))
        {
            _refusal = "You may not move the workspace there: it takes the right in both projects.";
            return;
        }
        var result = await settings.UpdateAsync(_workspace!.Id, change, Context.RequestAborted);
        if (result.Workspace is null)
        {
            _refusal = result.Refusal?.Reason ?? "The workspace does not exist any more.";
            return;
        }
        // Rights come from the project, too.
        await cache.ForgetAsync();
        await db.NameConsumersAsync(_workspace.Id, [.. consumers.Select(consumer => consumer.Id)], Context.RequestAborted);
        await db.TrySaveAsync(Context.RequestAborted);
        Notice.Done("Saved. Runs that were created before keep the old settings.").Leave(Context);
        Navigation.NavigateTo(Links.Workspace(Organization, Workspace, "settings"));
    }

    private async Task RenameAsync()
    {
        var result = await settings.UpdateAsync(
            _workspace!.Id, new WorkspaceChange(new WorkspaceEdit { Name = NewName!.Name?.Trim() ?? "" }), Context.RequestAborted);
        if (result.Workspace is not { } renamed)
        {
            _renameRefusal = result.Refusal?.Reason ?? "The workspace does not exist any more.";
            return;
        }
        Notice.Done($"Renamed: {Workspace} is {renamed.Name} now.").Leave(Context);
        Navigation.NavigateTo(Links.Workspace(Organization, renamed.Name, "settings"));
    }

    public sealed class RenameForm
    {
        public string? Name { get; set; }
    }

    public sealed class SettingsForm
    {
        public string? Description { get; set; }

        public string? Tags { get; set; }

        public string? Project { get; set; }

        public string? Engine { get; set; }

        public string? TerraformVersion { get; set; }

        public string? WorkingDirectory { get; set; }

        public string? Execution { get; set; }

        public bool AutoApply { get; set; }

        public bool AutoApplyRunTrigger { get; set; }

        public bool AllowDestroyPlan { get; set; }

        public bool GlobalRemoteState { get; set; }

        public bool ProjectRemoteState { get; set; }

        /// <summary>Names, one a line.</summary>
        public string? Consumers { get; set; }

        public string[] ConsumerNames =>
            [.. (Consumers ?? "").Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];

        public static SettingsForm Of(Workspace workspace, IReadOnlyList<Tag> tags, IReadOnlyList<string> consumers) => new()
        {
            Description = workspace.Description,
            Tags = TagText.Write(tags),
            Project = workspace.ProjectId.Value,
            Engine = EnumText.Of(workspace.Engine),
            TerraformVersion = workspace.TerraformVersion,
            WorkingDirectory = workspace.WorkingDirectory,
            Execution = ExecutionChoice.Of(workspace.ExecutionMode, workspace.AgentPoolId),
            AutoApply = workspace.AutoApply,
            AutoApplyRunTrigger = workspace.AutoApplyRunTrigger,
            AllowDestroyPlan = workspace.AllowDestroyPlan,
            GlobalRemoteState = workspace.GlobalRemoteState,
            ProjectRemoteState = workspace.ProjectRemoteState,
            Consumers = string.Join('\n', consumers),
        };

        public WorkspaceChange ToChange()
        {
            var (mode, pool) = ExecutionChoice.Read(Execution);
            return new WorkspaceChange(new WorkspaceEdit
            {
                Description = Description?.Trim() ?? "",
                Engine = Engine,
                TerraformVersion = TerraformVersion?.Trim() ?? "",
                WorkingDirectory = WorkingDirectory?.Trim() ?? "",
                ExecutionMode = mode,
                AgentPool = pool,
                InheritAgentPool = pool is null,
                AutoApply = AutoApply,
                AutoApplyRunTrigger = AutoApplyRunTrigger,
                AllowDestroyPlan = AllowDestroyPlan,
                GlobalRemoteState = GlobalRemoteState,
                ProjectRemoteState = ProjectRemoteState,
            })
            {
                Project = string.IsNullOrEmpty(Project) ? null : new ProjectId(Project),
                Tags = TagText.Read(Tags),
            };
        }
    }
}
