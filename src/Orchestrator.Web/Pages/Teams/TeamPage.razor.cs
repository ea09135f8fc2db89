using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Account;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Teams;

/// <summary>One team: who is in it, what it may do and where, and the tokens by which programs act as it.</summary>
public sealed partial class TeamPage(
    IDbContextFactory<OrchestratorDbContext> databases, TeamSettings settings, ApiTokens tokens, TimeProvider clock, NavigationManager navigation)
{
    private const int PageSize = 50;
    private const int MaxReach = 200;
    private const int MaxOthers = 200;

    private Team? _team;
    private TeamOrganizationAccess _access = new();
    private IReadOnlyList<Member> _members = [];
    private IReadOnlyList<string> _others = [];
    private IReadOnlyList<Reach> _reach = [];
    private IReadOnlyList<ApiToken> _tokens = [];
    private bool _hasMoreReach;
    private bool _mayAsk;
    private DateTimeOffset _now;
    private IssuedToken? _issued;
    private int _count;
    private int _page = 1;
    private int _pages = 1;
    private string? _refusal;
    private string? _rightsRefusal;
    private string? _tokenRefusal;

    [Parameter]
    public string Organization { get; set; } = "";

    [Parameter]
    public string Team { get; set; } = "";

    [SupplyParameterFromQuery]
    private int? Page { get; set; }

    [SupplyParameterFromForm(FormName = "team")]
    private Fields? Form { get; set; }

    [SupplyParameterFromForm(FormName = "rights")]
    private RightsForm? Given { get; set; }

    [SupplyParameterFromForm(FormName = "token")]
    private TokenForm? Token { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private Admission Here => Admission.Of(Context);

    protected override async Task OnInitializedAsync()
    {
        var team = Here.Scope.Team!;
        _mayAsk = Here.May(OrganizationRight.ManageMembership | OrganizationRight.SeeSecretTeams);
        _now = clock.GetUtcNow();
        _access = Given is null ? team.OrganizationAccess : TeamFlag.Read(Given.Rights ?? []);
        Token ??= new TokenForm { Days = TokenLife.All[0].Days };
        Form ??= new Fields
        {
            Name = team.Name,
            Visibility = EnumText.Of(team.Visibility),
            SsoTeamId = team.SsoTeamId,
            AllowMemberTokenManagement = team.AllowMemberTokenManagement,
        };
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        await ReadMembersAsync(db, team);
        await ReadReachAsync(db, team);
        await ReadTokensAsync(db, team);
        // Last: a request that is given up while this waits is rendered all the same.
        _team = team;
    }

    private async Task ReadMembersAsync(OrchestratorDbContext db, Team team)
    {
        var members =
            from member in db.TeamMembers.AsNoTracking()
            where member.TeamId == team.Id
            join membership in db.OrganizationMemberships on member.MembershipId equals membership.Id
            select membership;
        _count = await members.CountAsync(Context.RequestAborted);
        (_page, _pages) = Paging.PageOf(Page, _count, PageSize);
        _members = await (
            from membership in members.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Skip((_page - 1) * PageSize).Take(PageSize)
            join row in db.Users on membership.UserId equals row.Id into users
            from user in users.DefaultIfEmpty()
            orderby membership.CreatedAt, membership.Id
            select new Member(
                membership.Id, membership.UserId, user.Username, user.Email ?? membership.Email, membership.Status == MembershipStatus.Invited))
            .ToListAsync(Context.RequestAborted);
        // Names to choose from, for those who see the members anyway.
        _others = !Here.May(TeamRight.ManageMembers) ? [] : await (
            from membership in db.OrganizationMemberships
            where membership.OrganizationId == team.OrganizationId
                && !db.TeamMembers.Any(member => member.TeamId == team.Id && member.MembershipId == membership.Id)
            join user in db.Users on membership.UserId equals user.Id
            orderby user.Username
            select user.Username).Take(MaxOthers).ToListAsync(Context.RequestAborted);
    }

    private async Task ReadReachAsync(OrchestratorDbContext db, Team team)
    {
        var projects = await (
            from access in db.TeamProjectAccesses.AsNoTracking()
            where access.TeamId == team.Id
            join project in db.Projects.SeenBy(db, Here.Standing) on access.ProjectId equals project.Id
            where project.OrganizationId == team.OrganizationId
            orderby project.Name
            select new { access.Level, project.Id, project.Name }).Take(MaxReach + 1).ToListAsync(Context.RequestAborted);
        var workspaces = await (
            from access in db.TeamWorkspaceAccesses.AsNoTracking()
            where access.TeamId == team.Id
            join workspace in db.Workspaces.SeenBy(db, Here.Standing) on access.WorkspaceId equals workspace.Id
            where workspace.OrganizationId == team.OrganizationId
            orderby workspace.Name
            select new { access.Level, workspace.Name }).Take(MaxReach + 1).ToListAsync(Context.RequestAborted);
        Reach[] all =
        [
            .. projects.Select(row => new Reach("project, with all its workspaces", row.Name, EnumText.Of(row.Level), Links.Project(Organization, row.Id))),
            .. workspaces.Select(row => new Reach("workspace", row.Name, EnumText.Of(row.Level), Links.Access(Organization, row.Name))),
        ];
        (_reach, _hasMoreReach) = ([.. all.Take(MaxReach)], all.Length > MaxReach);
    }

    private async Task ReadTokensAsync(OrchestratorDbContext db, Team team) => _tokens = !Here.May(TeamRight.ManageTokens) ? [] : await db.ApiTokens.AsNoTracking()
        .Where(token => token.TeamId == team.Id).OrderByDescending(token => token.CreatedAt).ThenBy(token => token.Id)
        .Take(PageSize).ToListAsync(Context.RequestAborted);

    private async Task SaveAsync()
    {
        var result = await UpdateAsync(new TeamEdit
        {
            Name = Form!.Name?.Trim() ?? "",
            Visibility = Form.Visibility,
            SsoTeamId = (Form.SsoTeamId?.Trim() ?? "") == (_team!.SsoTeamId ?? "") ? null : Form.SsoTeamId?.Trim() ?? "",
            AllowMemberTokenManagement = Form.AllowMemberTokenManagement,
        });
        if (result is null)
        {
            Leave("Saved.");
        }
        _refusal = result;
    }

    private async Task GiveAsync()
    {
        var result = await UpdateAsync(new TeamEdit { OrganizationAccess = _access });
        if (result is null)
        {
            Leave("Saved. It holds for its members from now on.");
        }
        _rightsRefusal = result;
    }

    /// <returns>Why not, in a sentence; null when it was done.</returns>
    private async Task<string?> UpdateAsync(TeamEdit wanted)
    {
        var result = await settings.UpdateAsync(_team!.Id, wanted, Here.Standing, isPerson: true, Context.RequestAborted);
        if (result.Team is not null)
        {
            return null;
        }
        Context.Audit().Fail();
        return result.Refusal ?? "You may not change that of this team, or it was deleted meanwhile.";
    }

    private async Task IssueAsync()
    {
        var team = _team!;
        var description = string.IsNullOrWhiteSpace(Token!.Description) ? null : Token.Description.Trim();
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        _tokenRefusal = !TokenLife.TryRead(Token.Days, _now, out var expires) ? "Choose one of the times after which it expires."
            : description?.Length > ApiToken.MaxDescriptionLength ? $"A description has {ApiToken.MaxDescriptionLength} characters at most."
            : description is not null && await db.ApiTokens.AnyAsync(token => token.TeamId == team.Id && token.Description == description, Context.RequestAborted)
                ? "The team has a token with that description. Choose another, so that each is known."
            : null;
        if (_tokenRefusal is not null)
        {
            Context.Audit().Fail();
            return;
        }
        _issued = await tokens.IssueAsync(team.Id, new TokenRequest(Here.Caller.Actor, description, expires), Context.RequestAborted);
        Context.Audit().About("authentication_token", _issued.Token.Id.Value);
        Token = new TokenForm { Days = TokenLife.All[0].Days };
        await ReadTokensAsync(db, team);
    }

    private void Leave(string text)
    {
        Notice.Done(text).Leave(Context);
        navigation.NavigateTo(Links.Team(Organization, _team!.Id));
    }

    private sealed record Member(OrganizationMembershipId Id, UserId? User, string? Name, string? Email, bool IsInvited)
    {
        public string? Title => Name ?? Email;
    }

    private sealed record Reach(string Kind, string Name, string Level, string Address);

    public sealed class Fields
    {
        public string? Name { get; set; }

        public string? Visibility { get; set; }

        public string? SsoTeamId { get; set; }

        public bool AllowMemberTokenManagement { get; set; }
    }

    public sealed class RightsForm
    {
        /// <summary>So that a form without any tick is one, too.</summary>
        public bool Sent { get; set; }

        /// <summary>The boxes that are ticked.</summary>
        public string[]? Rights { get; set; }
    }

    public sealed class TokenForm
    {
        public string? Description { get; set; }

        /// <summary>Until it expires; empty: it does not.</summary>
        public string? Days { get; set; }
    }
}
