using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Home;

public sealed partial class NewWorkspacePage(
    IDbContextFactory<OrchestratorDbContext> databases, NavigationManager navigation, TimeProvider clock)
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
        var now = clock.GetUtcNow();
        var workspace = new Workspace
        {
            Id = Identifier.New<WorkspaceId>(),
            OrganizationId = owner.Id,
            ProjectId = await db.Projects.Where(row => row.OrganizationId == owner.Id && row.Name == Names.DefaultProject)
                .Select(row => row.Id).FirstAsync(Context.RequestAborted),
            Name = "",
            CreatedAt = now,
            UpdatedAt = now,
        };
        var edit = new WorkspaceEdit { Name = Form!.Name?.Trim() ?? "", Description = NullWhenEmpty(Form.Description) };
        if (workspace.Update(edit) is { } refusal)
        {
            _refusal = refusal.Reason;
            return;
        }
        var taken = await db.Workspaces.AnyAsync(row => row.OrganizationId == owner.Id && row.Name == workspace.Name, Context.RequestAborted);
        db.Workspaces.Add(workspace);
        if (taken || !await db.TrySaveAsync(Context.RequestAborted))
        {
            _refusal = WorkspaceEditor.NameTaken;
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
