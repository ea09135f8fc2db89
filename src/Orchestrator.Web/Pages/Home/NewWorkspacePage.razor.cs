using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Home;

public sealed partial class NewWorkspacePage(
    IDbContextFactory<OrchestratorDbContext> databases, NavigationManager navigation, WorkspaceSettings settings)
{
    private const int MaxOrganizations = 1000;

    private IReadOnlyList<string> _organizations = [];
    private string? _refusal;

    [SupplyParameterFromForm(FormName = "new-workspace")]
    private WorkspaceForm? Form { get; set; }

    [SupplyParameterFromQuery]
    private string? Organization { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        Form ??= new WorkspaceForm { Organization = Organization };
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        _organizations = await db.Organizations.Select(row => row.Name).Order().Take(MaxOrganizations).ToListAsync(Context.RequestAborted);
    }

    private async Task CreateAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var owner = await db.Organizations.AsNoTracking().FirstOrDefaultAsync(row => row.Name == Form!.Organization, Context.RequestAborted);
        if (owner is null)
        {
            _refusal = "The organization does not exist any more.";
            return;
        }
        var result = await settings.CreateAsync(
            owner.Id,
            new WorkspaceChange(new WorkspaceEdit { Name = Form!.Name?.Trim(), Description = NullWhenEmpty(Form.Description) }),
            new WorkspaceOrigin("tfe-ui"), Context.RequestAborted);
        if (result.Workspace is not { } workspace)
        {
            _refusal = result.Refusal!.Reason;
            return;
        }
        navigation.NavigateTo(Links.Workspace(owner.Name, workspace.Name));
    }

    private static string? NullWhenEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    public sealed class WorkspaceForm
    {
        public string? Organization { get; set; }

        public string? Name { get; set; }

        public string? Description { get; set; }
    }
}
