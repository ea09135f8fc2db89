using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed partial class StatesPage
{
    private const int PageSize = 25;

    private Workspace? _workspace;
    private List<StateVersion> _states = [];
    private int _page = 1;
    private int _pages = 1;

    [SupplyParameterFromQuery]
    private int Page { get; set; }

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        var states = db.StateVersions.AsNoTracking()
            .Where(state => state.WorkspaceId == workspace.Id && state.Status == StateVersionStatus.Finalized);
        _page = Math.Max(1, Page);
        _pages = Paging.PagesOf(await states.CountAsync(Context.RequestAborted), PageSize);
        _states = await states.OrderByDescending(state => state.CreatedAt)
            .Skip((_page - 1) * PageSize).Take(PageSize).ToListAsync(Context.RequestAborted);
        _workspace = workspace;
    }
}
