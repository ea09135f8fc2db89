using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Forms;
using Sets = Orchestrator.Variables.VariableSets;

namespace Orchestrator.Web.Pages.VariableSets;

/// <summary>A variable set: its variables, whom it reaches, and its end.</summary>
public sealed partial class VariableSetPage(IDbContextFactory<OrchestratorDbContext> databases, Sets sets, NavigationManager navigation)
{
    private VariableSet? _set;
    private string? _owner;
    private string? _refusal;

    [Parameter]
    public string Organization { get; set; } = "";

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromForm(FormName = "set")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private bool MayChange => Admission.Of(Context) is var here && here.Scope.Project is null
        ? here.May(OrganizationRight.ManageVarsets)
        : here.May(ProjectRight.ManageVarsets);

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        if (await db.FindVariableSetAsync(Organization, Id, Context.RequestAborted) is not { } set)
        {
            navigation.NotFound();
            return;
        }
        _owner = await db.Projects.Where(row => row.Id == set.ProjectId).Select(row => row.Name).FirstOrDefaultAsync(Context.RequestAborted);
        VariableSetId[] ids = [set.Id];
        var workspaces = await (
            from assigned in db.AssignedWorkspaces(ids)
            join workspace in db.Workspaces on assigned.WorkspaceId equals workspace.Id
            orderby workspace.Name
            select workspace.Name).ToListAsync(Context.RequestAborted);
        var projects = await (
            from assigned in db.VariableSetProjects
            where assigned.VariableSetId == set.Id
            join project in db.Projects on assigned.ProjectId equals project.Id
            orderby project.Name
            select project.Name).ToListAsync(Context.RequestAborted);
        Form ??= new Fields
        {
            Name = set.Name,
            Description = set.Description,
            Global = set.Global,
            Priority = set.Priority,
            Workspaces = string.Join('\n', workspaces),
            Projects = string.Join('\n', projects),
        };
        _set = set;
    }

    private async Task SaveAsync()
    {
        var set = _set!;
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        string[] projectNames = Lines(Form!.Projects), workspaceNames = Lines(Form.Workspaces);
        var projects = await db.Projects.Where(row => row.OrganizationId == set.OrganizationId && projectNames.Contains(row.Name))
            .ToDictionaryAsync(row => row.Name, row => row.Id, Context.RequestAborted);
        var workspaces = await db.Workspaces.Where(row => row.OrganizationId == set.OrganizationId && workspaceNames.Contains(row.Name))
            .ToDictionaryAsync(row => row.Name, row => row.Id, Context.RequestAborted);
        var unknown = projectNames.Where(name => !projects.ContainsKey(name)).Select(name => $"project '{name}'")
            .Concat(workspaceNames.Where(name => !workspaces.ContainsKey(name)).Select(name => $"workspace '{name}'")).FirstOrDefault();
        if (unknown is not null)
        {
            _refusal = $"The organization has no {unknown}.";
            return;
        }
        var result = await sets.UpdateAsync(set.Id, new VariableSetEdit
        {
            Name = Form.Name?.Trim() ?? "",
            Description = Form.Description?.Trim() ?? "",
            Global = Form.Global,
            Priority = Form.Priority,
            Projects = [.. projects.Values],
            Workspaces = [.. workspaces.Values],
        }, Context.RequestAborted);
        if (result.Set is null)
        {
            _refusal = result.Refusal?.Reason ?? "The set was deleted meanwhile.";
            return;
        }
        Notice.Done("Saved. Runs that start from now on follow it.").Leave(Context);
        navigation.NavigateTo(Links.VariableSet(Organization, set.Id));
    }

    private static string[] Lines(string? text) =>
        [.. (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];

    public sealed class Fields
    {
        public string? Name { get; set; }

        public string? Description { get; set; }

        public bool Global { get; set; }

        public bool Priority { get; set; }

        public string? Projects { get; set; }

        public string? Workspaces { get; set; }
    }
}
