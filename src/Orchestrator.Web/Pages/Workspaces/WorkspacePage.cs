using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>A page about the workspace that its address names. Where there is none, the page is not found.</summary>
public abstract class WorkspacePage : ComponentBase
{
    [Parameter]
    public string Organization { get; set; } = "";

    [Parameter]
    public string Workspace { get; set; } = "";

    [CascadingParameter]
    protected HttpContext Context { get; set; } = null!;

    [Inject]
    protected IDbContextFactory<OrchestratorDbContext> Databases { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    private protected Admission Here => Admission.Of(Context);

    protected override async Task OnInitializedAsync()
    {
        await using var db = await Databases.CreateDbContextAsync(Context.RequestAborted);
        if (await db.FindWorkspaceAsync(Organization, Workspace, Context.RequestAborted) is { } workspace)
        {
            await ReadAsync(db, workspace);
        }
        else
        {
            Navigation.NotFound();
        }
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task ReadAsync(OrchestratorDbContext db, Workspace workspace);
}
