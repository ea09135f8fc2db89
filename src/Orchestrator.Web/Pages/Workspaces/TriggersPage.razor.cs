using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>Which workspaces start runs here, which follow this one, and whether such runs apply by themselves.</summary>
public sealed partial class TriggersPage(RunTriggerEditor editor, WorkspaceSettings settings)
{
    private const int MaxSuggestions = 200;

    /// <summary>Many may follow one.</summary>
    private const int MaxFollowers = 200;

    private Workspace? _workspace;
    private IReadOnlyList<Row> _inbound = [];
    private IReadOnlyList<Row> _outbound = [];
    private IReadOnlyList<string> _sources = [];
    private string? _refusal;
    private string? _autoRefusal;

    [SupplyParameterFromForm(FormName = "follow")]
    private FollowForm? Form { get; set; }

    [SupplyParameterFromForm(FormName = "auto-apply")]
    private AutoForm? Auto { get; set; }

    private bool MayChange => Here.May(WorkspaceRight.Update);

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        Form ??= new FollowForm();
        Auto ??= new AutoForm { Applies = workspace.AutoApplyRunTrigger };
        _inbound = await (
            from trigger in db.RunTriggers
            where trigger.WorkspaceId == workspace.Id
            join source in db.Workspaces on trigger.SourceableId equals source.Id
            orderby source.Name
            select new Row(trigger.Id, source.Id, source.Name, trigger.CreatedAt)).ToListAsync(Context.RequestAborted);
        _outbound = await (
            from trigger in db.RunTriggers
            where trigger.SourceableId == workspace.Id
            join follower in db.Workspaces on trigger.WorkspaceId equals follower.Id
            orderby follower.Name
            select new Row(trigger.Id, follower.Id, follower.Name, trigger.CreatedAt)).Take(MaxFollowers).ToListAsync(Context.RequestAborted);
        await Here.LocateAsync(db, _inbound.Concat(_outbound).Select(row => row.Workspace), Context.RequestAborted);
        _sources = !MayChange ? [] : await db.Workspaces.Where(row => row.OrganizationId == workspace.OrganizationId && row.Id != workspace.Id)
            .SeenBy(db, Here.Standing).OrderBy(row => row.Name).Take(MaxSuggestions).Select(row => row.Name).ToListAsync(Context.RequestAborted);
        // Last: a request that is given up while this waits is rendered all the same.
        _workspace = workspace;
    }

    private async Task FollowAsync()
    {
        var (name, here) = (Form!.Source?.Trim() ?? "", _workspace!);
        await using var db = await Databases.CreateDbContextAsync(Context.RequestAborted);
        // One that is not seen is none.
        var source = await db.Workspaces.Where(row => row.OrganizationId == here.OrganizationId && row.Name == name).SeenBy(db, Here.Standing)
            .Select(row => (WorkspaceId?)row.Id).FirstOrDefaultAsync(Context.RequestAborted);
        if (source is { } found)
        {
            await Here.LocateAsync(db, [found], Context.RequestAborted);
        }
        var (trigger, refusal) = source is { } followed && Here.In(followed).HasFlag(WorkspaceRight.ReadRuns)
            ? await editor.CreateAsync(here.Id, followed, Context.RequestAborted)
            : (null, $"The organization has no workspace '{name}'.");
        if (trigger is null)
        {
            _refusal = refusal;
            Context.Audit().Fail();
            return;
        }
        Context.Audit().About("run-triggers", trigger.Id.Value);
        Context.Audit().Say("follows", name);
        Notice.Done($"After each apply in {name}, a run is queued here.").Leave(Context);
        Navigation.NavigateTo(Links.Triggers(Organization, Workspace));
    }

    private async Task SaveAsync()
    {
        var result = await settings.UpdateAsync(
            _workspace!.Id, new WorkspaceChange(new WorkspaceEdit { AutoApplyRunTrigger = Auto!.Applies }), Context.RequestAborted);
        if (result.Workspace is null)
        {
            _autoRefusal = result.Refusal?.Reason ?? "The workspace does not exist any more.";
            Context.Audit().Fail();
            return;
        }
        Notice.Done(Auto.Applies ? "Saved: such runs apply without asking." : "Saved: such runs wait for somebody.").Leave(Context);
        Navigation.NavigateTo(Links.Triggers(Organization, Workspace));
    }

    private sealed record Row(RunTriggerId Id, WorkspaceId Workspace, string Name, DateTimeOffset Since);

    public sealed class FollowForm
    {
        public string? Source { get; set; }
    }

    public sealed class AutoForm
    {
        /// <summary>So that a form without its tick is one, too.</summary>
        public bool Sent { get; set; }

        public bool Applies { get; set; }
    }
}
