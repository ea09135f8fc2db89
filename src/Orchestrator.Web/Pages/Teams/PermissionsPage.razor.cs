using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Pages.Grants;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Teams;

/// <summary>Who may do what, at a glance: teams against the rights in the whole organisation, members against the workspaces of a project.</summary>
public sealed partial class PermissionsPage(IDbContextFactory<OrchestratorDbContext> databases, Standings standings)
{
    private const int PageSize = 20;

    /// <summary>How many columns fit beside each other.</summary>
    private const int SideSize = 8;

    private const int MaxProjects = 1000;

    private IReadOnlyList<Team> _teams = [];
    private List<Project> _projects = [];
    private IReadOnlyList<Workspace> _workspaces = [];
    private readonly List<Member> _members = [];
    private Project? _project;
    private int _teamsPage = 1;
    private int _teamsPages = 1;
    private int _page = 1;
    private int _pages = 1;
    private int _side = 1;
    private int _sides = 1;

    [Parameter]
    public string Organization { get; set; } = "";

    [SupplyParameterFromQuery]
    private int? Teams { get; set; }

    [SupplyParameterFromQuery]
    private string? Project { get; set; }

    [SupplyParameterFromQuery]
    private string? Q { get; set; }

    [SupplyParameterFromQuery]
    private int? Page { get; set; }

    [SupplyParameterFromQuery]
    private int? Side { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        var here = Admission.Of(Context);
        var organization = here.Scope.Organization;
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var teams = db.Teams.AsNoTracking().Where(team => team.OrganizationId == organization);
        (_teamsPage, _teamsPages) = Paging.PageOf(Teams, await teams.CountAsync(Context.RequestAborted), PageSize);
        _teams = await teams.OrderBy(team => team.Name != Team.Owners).ThenBy(team => team.Name)
            .Skip((_teamsPage - 1) * PageSize).Take(PageSize).ToListAsync(Context.RequestAborted);

        _projects = await db.Projects.AsNoTracking().Where(project => project.OrganizationId == organization).SeenBy(db, here.Standing)
            .OrderBy(project => project.Name).Take(MaxProjects).ToListAsync(Context.RequestAborted);
        _project = _projects.FirstOrDefault(project => project.Id.Value == Project) ?? (_projects.Count > 0 ? _projects[0] : null);
        var shown = _project?.Id;
        var workspaces = db.Workspaces.AsNoTracking().Where(workspace => workspace.ProjectId == shown && (string.IsNullOrEmpty(Q) || workspace.Name.Contains(Q)))
            .SeenBy(db, here.Standing);
        (_side, _sides) = Paging.PageOf(Side, await workspaces.CountAsync(Context.RequestAborted), SideSize);
        _workspaces = await workspaces.OrderBy(workspace => workspace.Name).Skip((_side - 1) * SideSize).Take(SideSize).ToListAsync(Context.RequestAborted);

        var people =
            from membership in db.OrganizationMemberships
            where membership.OrganizationId == organization && membership.Status == MembershipStatus.Active
            join user in db.Users.AsNoTracking() on membership.UserId equals user.Id
            select user;
        (_page, _pages) = Paging.PageOf(Page, await people.CountAsync(Context.RequestAborted), PageSize);
        foreach (var person in await people.OrderBy(user => user.Username).Skip((_page - 1) * PageSize).Take(PageSize).ToListAsync(Context.RequestAborted))
        {
            _members.Add(new Member(person, await standings.OfAsync(Principal.Of(person), token: null, Context.RequestAborted)));
        }
    }

    private string Address(int? teams = null, int? page = null, int? side = null) =>
        $"?project={_project?.Id}&q={Uri.EscapeDataString(Q ?? "")}&teams={teams ?? _teamsPage}&page={page ?? _page}&side={side ?? _side}";

    private sealed record Member(User Person, Standing Standing)
    {
        public string In(Workspace workspace) => GrantWords.Of(Standing.In(workspace.OrganizationId, workspace.ProjectId, workspace.Id));
    }
}
