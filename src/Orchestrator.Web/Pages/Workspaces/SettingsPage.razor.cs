using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed partial class SettingsPage(TimeProvider clock)
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
        await using var db = await Databases.CreateDbContextAsync(Context.RequestAborted);
        var workspace = await db.Workspaces.FirstAsync(row => row.Id == _workspace!.Id, Context.RequestAborted);
        if (workspace.Update(Form!.ToEdit()) is { } refusal)
        {
            _refusal = refusal.Reason;
            return;
        }
        workspace.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(Context.RequestAborted);
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
            ExecutionMode = EnumText.Of(workspace.ExecutionMode),
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
