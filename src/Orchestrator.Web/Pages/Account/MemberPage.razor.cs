using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
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

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        var here = Admission.Of(Context);
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var person = Identifier.TryParse<UserId>(User, out var id)
            && await db.OrganizationMemberships.AnyAsync(
                row => row.OrganizationId == here.Scope.Organization && row.UserId == id && row.Status == MembershipStatus.Active, Context.RequestAborted)
            ? await db.Users.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, Context.RequestAborted)
            : null;
        if (person is null)
        {
            navigation.NotFound();
            return;
        }
        var grounds = await standings.GroundsAsync(person, Context.RequestAborted);
        _teams =
        [
            .. grounds.Where(ground => ground.Kind == GroundKind.Team && ground.Organization == here.Scope.Organization)
                .Select(ground => ground.Team!.Name).Order(StringComparer.Ordinal),
        ];
        var standing = await standings.OfAsync(Principal.Of(person), token: null, Context.RequestAborted);
        var workspaces = db.Workspaces.AsNoTracking().Where(row => row.OrganizationId == here.Scope.Organization)
            .SeenBy(db, standing)
            // And what the reader may not know of does not show up here.
            .SeenBy(db, here.Standing);
        _pages = Math.Max(1, (await workspaces.CountAsync(Context.RequestAborted) + PageSize - 1) / PageSize);
        _page = Math.Clamp(Page ?? 1, 1, _pages);
        var shown = await (
            from workspace in workspaces.OrderBy(row => row.Name).Skip((_page - 1) * PageSize).Take(PageSize)
            join project in db.Projects on workspace.ProjectId equals project.Id
            orderby workspace.Name
            select new { workspace, Project = project.Name }).ToListAsync(Context.RequestAborted);
        _rows = [.. shown.Select(row => Row.Of(row.workspace, row.Project, grounds))];
        _person = person;
    }

    private static string Says(Ground ground, Row row) => ground switch
    {
        { Kind: GroundKind.SiteAdmin } => "a site admin may do everything",
        { Kind: GroundKind.Team, Team.IsOwners: true } => "owns the organization",
        { Kind: GroundKind.Team, Team: { } team } => $"{team.Name} has rights in the whole organization",
        { Kind: GroundKind.Project, Team: { } team } => $"{team.Name} has {ground.Level} access to the project {row.Project}",
        { Kind: GroundKind.Workspace, Team: { } team } => $"{team.Name} has {ground.Level} access to the workspace",
        _ => "belongs to the organization",
    };

    /// <param name="Grounds">Those that give something here.</param>
    private sealed record Row(Workspace Workspace, string Project, IReadOnlyList<Ground> Grounds)
    {
        public WorkspaceRight Rights => Grounds.Aggregate(WorkspaceRight.None, (sum, ground) => sum | In(ground));

        public static Row Of(Workspace workspace, string project, IReadOnlyList<Ground> grounds) => new(
            workspace, project, [.. grounds.Where(ground => ground.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id) != 0)]);

        /// <summary>Which of the grounds give a right, counted from one.</summary>
        public IEnumerable<int> NumbersOf(WorkspaceRight right) =>
            Grounds.Index().Where(row => In(row.Item).HasFlag(right)).Select(row => row.Index + 1);

        private WorkspaceRight In(Ground ground) => ground.In(Workspace.OrganizationId, Workspace.ProjectId, Workspace.Id);
    }
}
