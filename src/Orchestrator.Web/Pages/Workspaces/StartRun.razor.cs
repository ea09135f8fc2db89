using Microsoft.AspNetCore.Components;
using Orchestrator.Access;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed partial class StartRun(RunQueue queue, NavigationManager navigation)
{
    private string? _refusal;

    [Parameter, EditorRequired]
    public string Organization { get; set; } = "";

    [Parameter, EditorRequired]
    public Workspace Workspace { get; set; } = null!;

    [Parameter, EditorRequired]
    public bool HasConfiguration { get; set; }

    [SupplyParameterFromForm(FormName = "start-run")]
    private RunForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override void OnInitialized() => Form ??= new RunForm { AutoApply = Workspace.AutoApply };

    private bool MayApply => Admission.Of(Context).May(WorkspaceRight.QueueApply);

    private bool MayUseCredentials => Admission.Of(Context).May(WorkspaceRight.RunWithCredentials);

    private async Task StartAsync()
    {
        if (Form!.IsDestroy && !Form.PlanOnly && !MayApply)
        {
            _refusal = "You may not apply here, so you can only plan to destroy. Choose \"Plan only\" with it.";
            return;
        }
        var result = await queue.CreateAsync(new RunRequest(Workspace.Id, Caller.Of(Context).Actor, RunSource.Pages)
        {
            Message = string.IsNullOrWhiteSpace(Form.Message) ? null : Form.Message.Trim(),
            PlanOnly = Form.PlanOnly ? true : null,
            AutoApply = Form.AutoApply,
            MayApply = MayApply,
            MayUseCredentials = MayUseCredentials,
            RefreshOnly = Form.RefreshOnly,
            IsDestroy = Form.IsDestroy,
            TargetAddresses = Lines(Form.Targets),
            ReplaceAddresses = Lines(Form.Replaces),
        }, Context.RequestAborted);
        if (result.Run is not { } run)
        {
            _refusal = result.Refusal;
            return;
        }
        navigation.NavigateTo(Links.Run(Organization, Workspace.Name, run.Id.Value));
    }

    private static string[] Lines(string? text) =>
        (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public sealed class RunForm
    {
        public string? Message { get; set; }

        public bool PlanOnly { get; set; }

        public bool AutoApply { get; set; }

        public bool RefreshOnly { get; set; }

        public bool IsDestroy { get; set; }

        public string? Targets { get; set; }

        public string? Replaces { get; set; }
    }
}
