using Microsoft.AspNetCore.Components;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed partial class SettingsPage(WorkspaceSettings settings)
{
    private Workspace? _workspace;
    private string? _refusal;

    [SupplyParameterFromForm(FormName = "settings")]
    private SettingsForm? Form { get; set; }

    protected override Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        _workspace = workspace;
        Form ??= SettingsForm.Of(workspace);
        return Task.CompletedTask;
    }

    private async Task SaveAsync()
    {
        var result = await settings.UpdateAsync(_workspace!.Id, new WorkspaceChange(Form!.ToEdit()), Context.RequestAborted);
        if (result.Workspace is null)
        {
            _refusal = result.Refusal?.Reason ?? "The workspace does not exist any more.";
            return;
        }
        Notice.Done("Saved. Runs that were created before keep the old settings.").Leave(Context);
        Navigation.NavigateTo(Links.Workspace(Organization, Workspace, "settings"));
    }

    public sealed class SettingsForm
    {
        public string? Description { get; set; }

        public string? TerraformVersion { get; set; }

        public string? WorkingDirectory { get; set; }

        public string? ExecutionMode { get; set; }

        public bool AutoApply { get; set; }

        public bool AllowDestroyPlan { get; set; }

        public static SettingsForm Of(Workspace workspace) => new()
        {
            Description = workspace.Description,
            TerraformVersion = workspace.TerraformVersion,
            WorkingDirectory = workspace.WorkingDirectory,
            ExecutionMode = workspace.ExecutionMode is { } mode ? EnumText.Of(mode) : "",
            AutoApply = workspace.AutoApply,
            AllowDestroyPlan = workspace.AllowDestroyPlan,
        };

        public WorkspaceEdit ToEdit() => new()
        {
            Description = Description?.Trim() ?? "",
            TerraformVersion = TerraformVersion?.Trim() ?? "",
            WorkingDirectory = WorkingDirectory?.Trim() ?? "",
            ExecutionMode = ExecutionMode,
            AutoApply = AutoApply,
            AllowDestroyPlan = AllowDestroyPlan,
        };
    }
}
