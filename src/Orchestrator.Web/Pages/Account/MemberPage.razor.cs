using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Account;

/// <summary>What one member may do in each workspace, and what gives it: the answer to "why can she?".</summary>
public sealed partial class MemberPage(IDbContextFactory<OrchestratorDbContext> databases, Standings standings, NavigationManager navigation)
{
    private const int PageSize = 20;

    private User? _person;
    private IReadOnlyList<string> _teams = [];
    private IReadOnlyList<Row> _rows = [];
    private int _page = 1;
    private int _pages = 1;

    [Parameter]
    public string Organization { get; set; } = "";

    [Parameter]
    public string User { get; set; } = "";

    [SupplyParameterFromQuery]
    private int? Page { get; set; }

    /// <summary>The one that is asked about; null: all.</summary>
    [SupplyParameterFromQuery]
    private string? Workspace { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        var here = Admission.Of(Context);
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var access = Identifier.TryParse<UserId>(User, out var id)
            ? await MemberAccess.FindAsync(db, standings, here.Scope.Organization, id, here.Standing, Context.RequestAborted)
            : null;
        if (access is null)
        {
            navigation.NotFound();
            return;
        }
        _teams =
        [
            .. access.Grounds.Where(ground => ground.Kind == GroundKind.Team && ground.Organization == here.Scope.Organization)
                .Select(ground => ground.Team!.Name).Order(StringComparer.Ordinal),
        ];
        var asked = string.IsNullOrEmpty(Workspace) ? access.Workspaces : access.Workspaces.Where(row => row.Name == Workspace);
        (_page, _pages) = Paging.PageOf(Page, await asked.CountAsync(Context.RequestAborted), PageSize);
        var shown = await (
            from workspace in asked.Skip((_page - 1) * PageSize).Take(PageSize)
            join project in db.Projects on workspace.ProjectId equals project.Id
            orderby workspace.Name
            select new { workspace, Project = project.Name }).ToListAsync(Context.RequestAborted);
        _rows = [.. shown.Select(row => new Row(row.workspace, row.Project, access.In(row.workspace)))];
        _person = access.Person;
    }

    /// <param name="Grounds">Those that give something here.</param>
    private sealed record Row(Workspace Workspace, string Project, IReadOnlyList<(Ground Ground, WorkspaceRight Gives)> Grounds)
    {
        public WorkspaceRight Rights => Grounds.Aggregate(WorkspaceRight.None, (sum, row) => sum | row.Gives);

        /// <summary>Which of the grounds give a right, counted from one.</summary>
        public IEnumerable<int> NumbersOf(WorkspaceRight right) =>
            Grounds.Index().Where(row => row.Item.Gives.HasFlag(right)).Select(row => row.Index + 1);
    }
}
