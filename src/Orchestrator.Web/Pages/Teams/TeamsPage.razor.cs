using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Teams;

/// <summary>An organisation's teams that somebody sees, and a form for a new one.</summary>
public sealed partial class TeamsPage(IDbContextFactory<OrchestratorDbContext> databases, TeamSettings settings, NavigationManager navigation)
{
    private const int PageSize = 50;

    private IReadOnlyList<Row> _rows = [];
    private int _page = 1;
    private int _pages = 1;
    private string? _refusal;

    [Parameter]
    public string Organization { get; set; } = "";

    [SupplyParameterFromQuery]
    private int? Page { get; set; }

    [SupplyParameterFromForm(FormName = "new-team")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private Admission Here => Admission.Of(Context);

    protected override async Task OnInitializedAsync()
    {
        Form ??= new Fields { Visibility = EnumText.Of(TeamVisibility.Organization) };
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var teams = db.Teams.AsNoTracking().Where(team => team.OrganizationId == Here.Scope.Organization).SeenBy(Here);
        (_page, _pages) = Paging.PageOf(Page, await teams.CountAsync(Context.RequestAborted), PageSize);
        _rows = await teams.OrderBy(team => team.Name != Team.Owners).ThenBy(team => team.Name).Skip((_page - 1) * PageSize).Take(PageSize)
            .Select(team => new Row(
                team,
                db.TeamMembers.Count(member => member.TeamId == team.Id),
                db.TeamProjectAccesses.Count(access => access.TeamId == team.Id),
                db.TeamWorkspaceAccesses.Count(access => access.TeamId == team.Id))).ToListAsync(Context.RequestAborted);
    }

    private async Task CreateAsync()
    {
        var result = await settings.CreateAsync(
            Here.Scope.Organization, new TeamEdit { Name = Form!.Name?.Trim(), Visibility = Form.Visibility }, Here.Standing, Context.RequestAborted);
        if (result.Team is not { } team)
        {
            _refusal = result.Refusal;
            Context.Audit().Fail();
            return;
        }
        Context.Audit().About("teams", team.Id.Value);
        Notice.Done($"{team.Name} was made. Put people into it, and give it rights.").Leave(Context);
        navigation.NavigateTo(Links.Team(Organization, team.Id));
    }

    private static string Everywhere(Team team) => team.IsOwners ? "Everything"
        : TeamFlag.Of(team.OrganizationAccess).ToList() is { Count: > 0 } rights ? string.Join(", ", rights)
        : "Nothing beyond what every member may";

    private sealed record Row(Team Team, int Members, int Projects, int Workspaces);

    public sealed class Fields
    {
        public string? Name { get; set; }

        public string? Visibility { get; set; }
    }
}
