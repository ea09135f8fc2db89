using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Pages.Account;

/// <summary>Who belongs to an organisation, for those who manage that. Its owners also let members in.</summary>
public sealed partial class MembersPage(IDbContextFactory<OrchestratorDbContext> databases)
{
    private const int PageSize = 50;

    private bool _mayLetIn;
    private bool _mayAsk;
    private bool _mayAudit;
    private List<Member> _members = [];
    private List<(TeamId Id, string Name)> _teams = [];
    private ILookup<OrganizationMembershipId, (TeamId Id, string Name)> _teamsOf = Array.Empty<int>().ToLookup(_ => default(OrganizationMembershipId), _ => default((TeamId, string)));
    private int _page = 1;
    private int _pages = 1;

    [Parameter]
    public string Organization { get; set; } = "";

    [SupplyParameterFromQuery]
    private int? Page { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var here = Admission.Of(Context);
        _mayLetIn = here.May(OrganizationRight.ManageOwners);
        _mayAsk = here.May(OrganizationRight.SeeSecretTeams);
        _mayAudit = here.May(OrganizationRight.ReadAudit);
        var organization = here.Scope.Organization;
        var members = db.OrganizationMemberships.AsNoTracking().Where(membership => membership.OrganizationId == organization);
        (_page, _pages) = Paging.PageOf(Page, await members.CountAsync(Context.RequestAborted), PageSize);
        _members = await (
            from membership in members.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Skip((_page - 1) * PageSize).Take(PageSize)
            join row in db.Users.AsNoTracking() on membership.UserId equals row.Id into users
            from user in users.DefaultIfEmpty()
            orderby membership.CreatedAt, membership.Id
            select new Member(
                membership.Id, user, membership.UserId, user.Username, user.Email ?? membership.Email, membership.Status, membership.CreatedAt))
            .ToListAsync(Context.RequestAborted);
        var shown = _members.Select(member => member.Id).ToArray();
        var inTeams = await (
            from member in db.TeamMembers
            where shown.Contains(member.MembershipId)
            join team in db.Teams.SeenBy(here) on member.TeamId equals team.Id
            orderby team.Name
            select new { member.MembershipId, team.Id, team.Name }).ToListAsync(Context.RequestAborted);
        _teamsOf = inTeams.ToLookup(row => row.MembershipId, row => (row.Id, row.Name));
        // Who owns nothing is the safer choice, so it is the first one.
        var teams = await db.Teams.AsNoTracking().Where(team => team.OrganizationId == organization)
            .OrderBy(team => team.Name == Team.Owners).ThenBy(team => team.Name).ToListAsync(Context.RequestAborted);
        _teams = [.. teams.Where(team => here.Of(team).HasFlag(TeamRight.ManageMembers)).Select(team => (team.Id, team.Name))];
    }

    /// <param name="User">Null while nobody has accepted the invitation.</param>
    private sealed record Member(
        OrganizationMembershipId Id, User? Account, UserId? User, string? Name, string? Email, MembershipStatus Status, DateTimeOffset Since);
}
