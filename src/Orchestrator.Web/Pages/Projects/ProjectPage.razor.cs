using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Grants;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Projects;

/// <summary>One project: its workspaces, which may be moved, and the teams that reach them all.</summary>
public sealed partial class ProjectPage(
    IDbContextFactory<OrchestratorDbContext> databases, WorkspaceSettings workspaces, AccessCache cache, NavigationManager navigation)
{
    private const int PageSize = 50;
    private const int MaxTeams = 500;
    private const int MaxTargets = 500;

    private Project? _project;
    private IReadOnlyList<Workspace> _workspaces = [];
    private IReadOnlyList<Project> _targets = [];
    private IReadOnlyList<(TeamProjectAccess Access, Team Team)> _rows = [];
    private IReadOnlyList<Team> _teams = [];
    private Team? _changed;
    private int _page = 1;
    private int _pages = 1;
    private string? _refusal;
    private string? _moveRefusal;

    [Parameter]
    public string Organization { get; set; } = "";

    [Parameter]
    public string Project { get; set; } = "";

    [SupplyParameterFromQuery]
    private int? Page { get; set; }

    /// <summary>The access that is to be changed.</summary>
    [SupplyParameterFromQuery]
    private string? Change { get; set; }

    [SupplyParameterFromForm(FormName = "access")]
    private Fields? Form { get; set; }

    [SupplyParameterFromForm(FormName = "move")]
    private MoveForm? Moved { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private Admission Here => Admission.Of(Context);

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var project = await db.Projects.AsNoTracking().FirstAsync(row => row.Id == Here.Scope.Project, Context.RequestAborted);
        var own = db.Workspaces.AsNoTracking().Where(row => row.ProjectId == project.Id).SeenBy(db, Here.Standing);
        (_page, _pages) = Paging.PageOf(Page, await own.CountAsync(Context.RequestAborted), PageSize);
        _workspaces = await own.OrderBy(row => row.Name).Skip((_page - 1) * PageSize).Take(PageSize).ToListAsync(Context.RequestAborted);
        _targets = !Here.May(ProjectRight.MoveWorkspaces) ? [] : await db.Projects.AsNoTracking()
            .Where(row => row.OrganizationId == project.OrganizationId && row.Id != project.Id).Where(Here.Standing, ProjectRight.MoveWorkspaces)
            .OrderBy(row => row.Name).Take(MaxTargets).ToListAsync(Context.RequestAborted);
        await ReadAccessAsync(db, project);
        // Last: a request that is given up while this waits is rendered all the same.
        _project = project;
    }

    private async Task ReadAccessAsync(OrchestratorDbContext db, Project project)
    {
        var teams = db.Teams.AsNoTracking().Where(team => team.OrganizationId == project.OrganizationId && team.Name != Team.Owners);
        _teams = await teams.SeenBy(Here).OrderBy(team => team.Name).Take(MaxTeams).ToListAsync(Context.RequestAborted);
        // Whoever reads the project's teams sees secret ones here, too.
        var shown = Here.May(ProjectRight.ReadTeams) ? teams : teams.SeenBy(Here);
        var rows = await (
            from access in db.TeamProjectAccesses.AsNoTracking()
            where access.ProjectId == project.Id
            join team in shown on access.TeamId equals team.Id
            orderby team.Name
            select new { access, team }).ToListAsync(Context.RequestAborted);
        _rows = [.. rows.Select(row => (row.access, row.team))];
        var changed = rows.Find(row => row.access.Id.Value == Change);
        _changed = changed?.team;
        if (changed is not null && _teams.All(team => team.Id != changed.team.Id))
        {
            _teams = [.. _teams, changed.team];
        }
        Form ??= Fields.Of(changed?.access);
        Form.Grant ??= new ProjectGrantForm();
        Form.Grant.Workspace ??= new WorkspaceGrantForm();
    }

    private async Task GiveAsync()
    {
        if (_teams.FirstOrDefault(team => team.Id.Value == Form!.Team) is not { } team)
        {
            Refuse("Choose one of the organization's teams. The owners may do everything already.");
            return;
        }
        if (!EnumText.TryParse<ProjectAccessLevel>(Form!.Level, out var level))
        {
            Refuse("Choose one of the levels of access.");
            return;
        }
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var access = await db.TeamProjectAccesses.FirstOrDefaultAsync(row => row.TeamId == team.Id && row.ProjectId == _project!.Id, Context.RequestAborted);
        if (access is null)
        {
            access = new TeamProjectAccess { Id = Identifier.New<TeamProjectAccessId>(), TeamId = team.Id, ProjectId = _project!.Id, Level = level };
            db.TeamProjectAccesses.Add(access);
        }
        access.Level = level;
        if (level == ProjectAccessLevel.Custom)
        {
            (access.Custom, access.CustomWorkspaces) = Form.Grant!.ToGrants();
        }
        if (!AccessRules.MayGive(access, Here.Standing, _project!.OrganizationId))
        {
            Refuse("You may not give rights that you do not have.");
            return;
        }
        if (!await db.TrySaveAsync(Context.RequestAborted))
        {
            Refuse("Somebody has given the team access meanwhile. Look at it, and try again.");
            return;
        }
        await cache.ForgetAsync();
        Context.Audit().About("team-projects", access.Id.Value);
        Context.Audit().Say("team", team.Name);
        Context.Audit().Say("access", EnumText.Of(level));
        Notice.Done($"{team.Name} has {EnumText.Of(level)} access from now on.").Leave(Context);
        navigation.NavigateTo(Links.Project(Organization, _project.Id));
    }

    private async Task MoveAsync()
    {
        var wanted = _workspaces.Where(workspace => Moved?.Workspaces?.Contains(workspace.Id.Value) == true).ToArray();
        if (_targets.FirstOrDefault(target => target.Id.Value == Moved?.Project) is not { } target)
        {
            _moveRefusal = "Choose one of the projects that you may move workspaces to.";
        }
        else if (wanted.Length == 0)
        {
            _moveRefusal = "Tick the workspaces that are to be moved.";
        }
        else
        {
            foreach (var workspace in wanted)
            {
                var result = await workspaces.UpdateAsync(workspace.Id, new WorkspaceChange(new WorkspaceEdit()) { Project = target.Id }, Context.RequestAborted);
                if (result.Refusal is { } refusal)
                {
                    _moveRefusal = $"{workspace.Name} stays: {refusal.Reason}";
                    break;
                }
            }
            // Rights come from the project, too.
            await cache.ForgetAsync();
            Context.Audit().Say("workspaces", string.Join(", ", wanted.Select(workspace => workspace.Name)));
            Context.Audit().Say("project", target.Name);
        }
        if (_moveRefusal is not null)
        {
            Context.Audit().Fail();
            return;
        }
        Notice.Done($"{string.Join(", ", wanted.Select(workspace => workspace.Name))}: moved.").Leave(Context);
        navigation.NavigateTo(Links.Project(Organization, _project!.Id));
    }

    private void Refuse(string reason)
    {
        _refusal = reason;
        Context.Audit().Fail();
    }

    public sealed class Fields
    {
        public string? Team { get; set; }

        public string? Level { get; set; }

        public ProjectGrantForm? Grant { get; set; }

        public static Fields Of(TeamProjectAccess? access) => new()
        {
            Team = access?.TeamId.Value,
            Level = EnumText.Of(access?.Level ?? ProjectAccessLevel.Read),
            Grant = ProjectGrantForm.Of(
                access?.Grant ?? new ProjectGrant { VariableSets = ProjectVariableSetsGrant.Read },
                access?.WorkspacesGrant ?? new ProjectWorkspacesGrant { Workspace = WorkspaceGrant.ToPlan }),
        };
    }

    public sealed class MoveForm
    {
        public string? Project { get; set; }

        public string[]? Workspaces { get; set; }
    }
}
