using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Account;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Grants;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>Who reaches a workspace and by what: teams with rights everywhere, in its project, and in it alone; and why one member may do
/// what they may.</summary>
public sealed partial class AccessPage(Standings standings, AccessCache cache)
{
    private const int MaxTeams = 500;
    private const int MaxPeople = 200;

    private Workspace? _workspace;
    private List<Row> _rows = [];
    private IReadOnlyList<Team> _teams = [];
    private IReadOnlyList<string> _people = [];
    private Team? _changed;
    private bool _mayAsk;
    private Answer? _answer;
    private string? _refusal;
    private string? _whyRefusal;

    /// <summary>The access that is to be changed.</summary>
    [SupplyParameterFromQuery]
    private string? Change { get; set; }

    /// <summary>Whose access is asked about.</summary>
    [SupplyParameterFromQuery]
    private string? Member { get; set; }

    [SupplyParameterFromForm(FormName = "access")]
    private Fields? Form { get; set; }

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        _mayAsk = Here.May(OrganizationRight.ManageMembership | OrganizationRight.SeeSecretTeams);
        var project = await db.Projects.AsNoTracking().FirstAsync(row => row.Id == workspace.ProjectId, Context.RequestAborted);
        _teams = await db.Teams.AsNoTracking().Where(team => team.OrganizationId == workspace.OrganizationId && team.Name != Team.Owners).SeenBy(Here)
            .OrderBy(team => team.Name).Take(MaxTeams).ToListAsync(Context.RequestAborted);
        var owners = await db.Teams.AsNoTracking()
            .FirstAsync(team => team.OrganizationId == workspace.OrganizationId && team.Name == Team.Owners, Context.RequestAborted);
        var own = await db.TeamWorkspaceAccesses.AsNoTracking().Where(row => row.WorkspaceId == workspace.Id).ToListAsync(Context.RequestAborted);
        var ofProject = await db.TeamProjectAccesses.AsNoTracking().Where(row => row.ProjectId == project.Id).ToListAsync(Context.RequestAborted);
        var known = _teams.ToDictionary(team => team.Id);
        _rows =
        [
            new Row(owners, "everything", "owning the organization"),
            .. _teams.Select(team => (team, Rights: AccessRules.Of(team, byToken: false).Workspaces)).Where(row => row.Rights != 0)
                .Select(row => new Row(row.team, GrantWords.Of(row.Rights), "rights in the whole organization") { Address = Links.Team(Organization, row.team.Id) }),
            .. ofProject.Where(row => known.ContainsKey(row.TeamId)).OrderBy(row => known[row.TeamId].Name, StringComparer.Ordinal)
                .Select(row => new Row(known[row.TeamId], EnumText.Of(row.Level), $"the project {project.Name}")
                {
                    Note = row.Level == ProjectAccessLevel.Custom ? GrantWords.Of(row.CustomWorkspaces.Workspace) : null,
                    Address = Links.Project(Organization, project.Id),
                }),
            .. own.Where(row => known.ContainsKey(row.TeamId)).OrderBy(row => known[row.TeamId].Name, StringComparer.Ordinal)
                .Select(row => new Row(known[row.TeamId], EnumText.Of(row.Level), "this workspace")
                {
                    Note = row.Level == WorkspaceAccessLevel.Custom ? GrantWords.Of(row.Custom) : null,
                    Own = row.Id,
                }),
        ];
        var changed = own.Find(row => row.Id.Value == Change && known.ContainsKey(row.TeamId));
        _changed = changed is null ? null : known[changed.TeamId];
        Form ??= Fields.Of(changed);
        Form.Grant ??= new WorkspaceGrantForm();
        if (_mayAsk)
        {
            await AnswerAsync(db, workspace, project.Name);
        }
        // Last: a request that is given up while this waits is rendered all the same.
        _workspace = workspace;
    }

    private async Task AnswerAsync(OrchestratorDbContext db, Workspace workspace, string project)
    {
        var people =
            from membership in db.OrganizationMemberships
            where membership.OrganizationId == workspace.OrganizationId && membership.Status == MembershipStatus.Active
            join user in db.Users on membership.UserId equals user.Id
            select user;
        _people = await people.OrderBy(user => user.Username).Select(user => user.Username).Take(MaxPeople).ToListAsync(Context.RequestAborted);
        if (string.IsNullOrWhiteSpace(Member))
        {
            return;
        }
        var key = User.KeyOf(Member.Trim());
        var asked = await people.Where(user => user.UsernameKey == key || user.EmailKey == key).Select(user => (UserId?)user.Id).FirstOrDefaultAsync(Context.RequestAborted);
        var access = asked is { } id
            ? await MemberAccess.FindAsync(db, standings, workspace.OrganizationId, id, Here.Standing, Context.RequestAborted)
            : null;
        if (access is null)
        {
            _whyRefusal = $"Nobody named '{Member.Trim()}' belongs to {Organization}.";
            return;
        }
        _answer = new Answer(access.Person, [.. access.In(workspace).Select(row => (GroundWords.Of(row.Ground, project), row.Gives))]);
    }

    private async Task GiveAsync()
    {
        if (_teams.FirstOrDefault(team => team.Id.Value == Form!.Team) is not { } team)
        {
            Refuse("Choose one of the organization's teams. The owners may do everything already.");
            return;
        }
        if (!EnumText.TryParse<WorkspaceAccessLevel>(Form!.Level, out var level))
        {
            Refuse("Choose one of the levels of access.");
            return;
        }
        await using var db = await Databases.CreateDbContextAsync(Context.RequestAborted);
        var workspace = Here.Scope.Workspace!.Value;
        var access = await db.TeamWorkspaceAccesses.FirstOrDefaultAsync(row => row.TeamId == team.Id && row.WorkspaceId == workspace, Context.RequestAborted);
        if (access is null)
        {
            access = new TeamWorkspaceAccess { Id = Identifier.New<TeamWorkspaceAccessId>(), TeamId = team.Id, WorkspaceId = workspace, Level = level };
            db.TeamWorkspaceAccesses.Add(access);
        }
        access.Level = level;
        if (level == WorkspaceAccessLevel.Custom)
        {
            access.Custom = Form.Grant!.ToGrant();
        }
        if (!await db.TrySaveAsync(Context.RequestAborted))
        {
            Refuse("Somebody has given the team access meanwhile. Look at it, and try again.");
            return;
        }
        await cache.ForgetAsync();
        Context.Audit().About("team-workspaces", access.Id.Value);
        Context.Audit().Say("team", team.Name);
        Context.Audit().Say("access", EnumText.Of(level));
        Notice.Done($"{team.Name} has {EnumText.Of(level)} access from now on.").Leave(Context);
        Navigation.NavigateTo(Links.Access(Organization, Workspace));
    }

    private void Refuse(string reason)
    {
        _refusal = reason;
        Context.Audit().Fail();
    }

    /// <param name="By">What gives it.</param>
    private sealed record Row(Team Team, string May, string By)
    {
        public string? Note { get; init; }

        /// <summary>Where it is changed.</summary>
        public string? Address { get; init; }

        /// <summary>The access to the workspace itself.</summary>
        public TeamWorkspaceAccessId? Own { get; init; }
    }

    private sealed record Answer(User Person, IReadOnlyList<(string Because, WorkspaceRight Gives)> Grounds)
    {
        /// <summary>What may be done, with all that gives it: what the same grounds give is told together.</summary>
        public IEnumerable<(string Right, IEnumerable<string> Grounds)> Rights =>
            from subject in AccessSubject.All
            from levels in subject.Levels.GroupBy(level => string.Join('\n', Grounds.Where(ground => ground.Gives.HasFlag(level.Right)).Select(ground => ground.Because)))
            where levels.Key.Length > 0
            select ($"{subject.Name}: {string.Join(", ", levels.Select(level => level.Word))}", levels.Key.Split('\n').AsEnumerable());
    }

    public sealed class Fields
    {
        public string? Team { get; set; }

        public string? Level { get; set; }

        public WorkspaceGrantForm? Grant { get; set; }

        public static Fields Of(TeamWorkspaceAccess? access) => new()
        {
            Team = access?.TeamId.Value,
            Level = EnumText.Of(access?.Level ?? WorkspaceAccessLevel.Read),
            Grant = WorkspaceGrantForm.Of(access?.Grant ?? WorkspaceGrant.ToPlan),
        };
    }
}
