using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Home;

public sealed partial class NewWorkspacePage(
    IDbContextFactory<OrchestratorDbContext> databases, NavigationManager navigation, WorkspaceSettings settings)
{
    private const int MaxProjects = 1000;

    /// <summary>The one way that goes on with another form.</summary>
    private const string FromRepository = "vcs";

    private static readonly (string Value, string Title, string Hint)[] Ways =
    [
        (FromRepository, "A repository", "each push is planned and applied, each pull request is planned; next, you choose the repository"),
        ("cli", "The terraform CLI", "you keep working in your terminal; plans and applies run here"),
        ("api", "A script, through the API", "a pipeline packs the configuration and sends it"),
        ("upload", "A file, on its page", "to try it out, or where nothing else is at hand"),
    ];

    private IReadOnlyList<Place> _places = [];
    private string? _refusal;

    [SupplyParameterFromForm(FormName = "new-workspace")]
    private WorkspaceForm? Form { get; set; }

    [SupplyParameterFromQuery]
    private string? Organization { get; set; }

    /// <summary>The project that is chosen at first.</summary>
    [SupplyParameterFromQuery]
    private string? Project { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        _places = await (
            from project in db.Projects.Where(Admission.Of(Context).Standing, ProjectRight.CreateWorkspaces)
            join organization in db.Organizations on project.OrganizationId equals organization.Id
            // The one that the address names is not to be missed among many.
            orderby organization.Name == Organization descending, organization.Name, project.Name
            select new Place(project.Id, project.Name, organization.Id, organization.Name)).Take(MaxProjects).ToListAsync(Context.RequestAborted);
        Form ??= new WorkspaceForm
        {
            Project = _places.FirstOrDefault(place => place.Project.Value == Project)?.Project.Value
                ?? _places.FirstOrDefault(place => place.Organization == (Organization ?? place.Organization) && place.Name == Names.DefaultProject)?.Project.Value,
        };
    }

    private async Task CreateAsync()
    {
        if (_places.FirstOrDefault(place => place.Project.Value == Form!.Project) is not { } chosen)
        {
            _refusal = "Choose one of the projects; that one is not there any more, or you may not create workspaces in it.";
            return;
        }
        var result = await settings.CreateAsync(
            chosen.OrganizationId,
            new WorkspaceChange(new WorkspaceEdit { Name = Form!.Name?.Trim(), Description = NullWhenEmpty(Form.Description) }) { Project = chosen.Project },
            new WorkspaceOrigin("tfe-ui"), Context.RequestAborted);
        if (result.Workspace is not { } workspace)
        {
            _refusal = result.Refusal!.Reason;
            return;
        }
        var way = Ways.Any(way => way.Value == Form.Way) ? Form.Way : null;
        if (way == FromRepository)
        {
            navigation.NavigateTo($"{Links.Repository(chosen.Organization, workspace.Name)}?start=true");
            return;
        }
        navigation.NavigateTo($"{Links.Workspace(chosen.Organization, workspace.Name)}{(way is null ? "" : $"?start={way}")}");
    }

    private static string? NullWhenEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>A project in which the reader may create workspaces.</summary>
    private sealed record Place(ProjectId Project, string Name, OrganizationId OrganizationId, string Organization);

    public sealed class WorkspaceForm
    {
        public string? Project { get; set; }

        public string? Name { get; set; }

        public string? Description { get; set; }

        /// <summary>Which first steps the new workspace shows.</summary>
        public string? Way { get; set; }
    }
}
