using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Variables;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Parts;
using Sets = Orchestrator.Variables.VariableSets;

namespace Orchestrator.Web.Pages.VariableSets;

/// <summary>The variable sets of an organisation, and a form for a new one.</summary>
public sealed partial class VariableSetsPage(IDbContextFactory<OrchestratorDbContext> databases, Sets sets, NavigationManager navigation)
{
    private const int PageSize = 50;
    private const int MaxProjects = 1000;

    private Organization? _organization;
    private IReadOnlyList<Row> _sets = [];
    private IReadOnlyList<Project> _projects = [];
    private int _page = 1;
    private int _pages = 1;
    private string? _refusal;

    [Parameter]
    public string Organization { get; set; } = "";

    [SupplyParameterFromQuery]
    private int Page { get; set; }

    [SupplyParameterFromForm(FormName = "new-set")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        Form ??= new Fields();
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var organization = await db.Organizations.AsNoTracking().FirstOrDefaultAsync(row => row.Name == Organization, Context.RequestAborted);
        if (organization is null)
        {
            navigation.NotFound();
            return;
        }
        _projects = await db.Projects.AsNoTracking().Where(row => row.OrganizationId == organization.Id)
            .OrderBy(row => row.Name).Take(MaxProjects).ToListAsync(Context.RequestAborted);
        var all = db.VariableSets.AsNoTracking().Where(row => row.OrganizationId == organization.Id);
        _page = Math.Max(1, Page);
        _pages = Paging.PagesOf(await all.CountAsync(Context.RequestAborted), PageSize);
        _sets = await all.OrderBy(row => row.Name).Skip((_page - 1) * PageSize).Take(PageSize)
            .Select(row => new Row(
                row,
                db.Projects.Where(project => project.Id == row.ProjectId).Select(project => project.Name).FirstOrDefault(),
                db.Variables.Count(variable => variable.VariableSetId == row.Id),
                db.VariableSetWorkspaces.Count(assigned => assigned.VariableSetId == row.Id),
                db.VariableSetProjects.Count(assigned => assigned.VariableSetId == row.Id)))
            .ToListAsync(Context.RequestAborted);
        _organization = organization;
    }

    private async Task CreateAsync()
    {
        ProjectId? owner = Identifier.TryParse<ProjectId>(Form!.Owner, out var project) ? project : null;
        var result = await sets.CreateAsync(
            _organization!.Id, owner, new VariableSetEdit { Name = Form.Name?.Trim() ?? "", Description = Form.Description?.Trim() }, Context.RequestAborted);
        if (result.Set is not { } set)
        {
            _refusal = result.Refusal?.Reason ?? "The organization was deleted meanwhile.";
            return;
        }
        Notice.Done("The set is there. Give it variables, and say whom it reaches.").Leave(Context);
        navigation.NavigateTo(Links.VariableSet(Organization, set.Id));
    }

    private static string Reach(Row row) => row.Set.Global
        ? "every workspace"
        : (row.Projects, row.Workspaces) switch
        {
            (0, 0) => "nobody",
            (0, var workspaces) => Words.Count(workspaces, "workspace"),
            (var projects, 0) => Words.Count(projects, "project"),
            var (projects, workspaces) => $"{Words.Count(projects, "project")}, {Words.Count(workspaces, "workspace")}",
        };

    /// <param name="Owner">The project that owns it; null for the organisation.</param>
    private sealed record Row(VariableSet Set, string? Owner, int Variables, int Workspaces, int Projects);

    public sealed class Fields
    {
        public string? Name { get; set; }

        public string? Description { get; set; }

        public string? Owner { get; set; }
    }
}
