using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed partial class StatesPage(IDbContextFactory<OrchestratorDbContext> databases, NavigationManager navigation)
{
    private const int PageSize = 25;

    private Workspace? _workspace;
    private List<StateVersion> _states = [];
    private int _page = 1;
    private int _pages = 1;

    [Parameter]
    public string Organization { get; set; } = "";

    [Parameter]
    public string Workspace { get; set; } = "";

    [SupplyParameterFromQuery]
    private int Page { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var workspace = await db.FindWorkspaceAsync(Organization, Workspace, Context.RequestAborted);
        if (workspace is null)
        {
            navigation.NotFound();
            return;
        }
        var states = db.StateVersions.AsNoTracking()
            .Where(state => state.WorkspaceId == workspace.Id && state.Status == StateVersionStatus.Finalized);
        _page = Math.Max(1, Page);
        _pages = Math.Max(1, (await states.CountAsync(Context.RequestAborted) + PageSize - 1) / PageSize);
        _states = await states.OrderByDescending(state => state.CreatedAt)
            .Skip((_page - 1) * PageSize).Take(PageSize).ToListAsync(Context.RequestAborted);
        _workspace = workspace;
    }
}
