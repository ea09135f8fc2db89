using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Parts;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Pages.Projects;

/// <summary>An organisation's projects: to make them, to rename them, to say what their workspaces inherit.</summary>
public sealed partial class ProjectsPage(
    IDbContextFactory<OrchestratorDbContext> databases, ProjectSettings settings, CredentialPolicies policies, NavigationManager navigation)
{
    private const int PageSize = 50;

    private Organization? _organization;
    private Project? _project;
    private int _workspaces;
    private IReadOnlyList<(Project Project, int Workspaces)> _rows = [];
    private IReadOnlyList<AgentPool> _pools = [];
    private SubjectTemplate? _subject;
    private int _page = 1;
    private int _pages = 1;
    private string? _refusal;

    [Parameter]
    public string Organization { get; set; } = "";

    /// <summary>The project that is to be changed; without one, a new one is made.</summary>
    [SupplyParameterFromQuery]
    private string? Project { get; set; }

    [SupplyParameterFromQuery]
    private int Page { get; set; }

    [SupplyParameterFromForm(FormName = "project")]
    private ProjectForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private bool IsDefault => _project?.Name == Names.DefaultProject;

    private Admission Here => Admission.Of(Context);

    private bool MaySave => _project is null ? Here.May(OrganizationRight.ManageProjects) : May(_project, ProjectRight.Update);

    private bool MayDelete => _project is { } project && May(project, ProjectRight.Delete);

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        _organization = await db.Organizations.AsNoTracking().FirstOrDefaultAsync(row => row.Name == Organization, Context.RequestAborted);
        if (_organization is null)
        {
            navigation.NotFound();
            return;
        }
        await ReadRowsAsync(db, _organization.Id);
        _subject = (await policies.LevelsAsync(new PolicyOwner(_organization.Id), Context.RequestAborted)).Effective.Subject;
        if (Identifier.TryParse<ProjectId>(Project, out var id))
        {
            _project = await db.Projects.AsNoTracking().SeenBy(db, Here.Standing).FirstOrDefaultAsync(row => row.Id == id && row.OrganizationId == _organization.Id, Context.RequestAborted);
        }
        if (_project is { } project)
        {
            _workspaces = await db.Workspaces.CountAsync(row => row.ProjectId == project.Id, Context.RequestAborted);
            _pools = await db.AgentPoolsFor(_organization.Id, project.Id, workspace: null).OrderBy(pool => pool.Name).ToListAsync(Context.RequestAborted);
            var tags = await db.ProjectTags.AsNoTracking().Where(tag => tag.ProjectId == project.Id).OrderBy(tag => tag.Key)
                .Select(tag => new Tag(tag.Key, tag.Value)).ToListAsync(Context.RequestAborted);
            Form ??= ProjectForm.Of(project, tags);
        }
        else
        {
            _pools = await db.AgentPoolsFor(_organization.Id).OrderBy(pool => pool.Name).ToListAsync(Context.RequestAborted);
            Form ??= new ProjectForm();
        }
    }

    private async Task ReadRowsAsync(OrchestratorDbContext db, OrganizationId organization)
    {
        var projects = db.Projects.AsNoTracking().Where(project => project.OrganizationId == organization).SeenBy(db, Here.Standing);
        _page = Math.Max(1, Page);
        _pages = Paging.PagesOf(await projects.CountAsync(Context.RequestAborted), PageSize);
        var rows = await projects.OrderBy(project => project.Name).Skip((_page - 1) * PageSize).Take(PageSize)
            .Select(project => new { project, Workspaces = db.Workspaces.Count(workspace => workspace.ProjectId == project.Id) })
            .ToListAsync(Context.RequestAborted);
        _rows = [.. rows.Select(row => (row.project, row.Workspaces))];
    }

    private bool May(Project project, ProjectRight right) => Here.At(new Scope(project.OrganizationId, project.Id)).May(right);

    private async Task SaveAsync()
    {
        if (!MaySave)
        {
            navigation.NotFound();
            return;
        }
        var result = _project is null
            ? await settings.CreateAsync(_organization!.Id, Form!.ToChange(), Context.RequestAborted)
            : await settings.UpdateAsync(_project.Id, Form!.ToChange(), Context.RequestAborted);
        if (result.Project is not { } saved)
        {
            _refusal = result.Refusal?.Reason ?? "The project does not exist any more.";
            return;
        }
        Notice.Done(_project is null ? $"{saved.Name} was made." : "Saved.").Leave(Context);
        navigation.NavigateTo($"{Links.Projects(Organization)}?project={saved.Id}");
    }

    private async Task DeleteAsync()
    {
        if (_project is null || !MayDelete)
        {
            navigation.NotFound();
            return;
        }
        var refusal = await settings.RemoveAsync(_project, Context.RequestAborted);
        (refusal is null ? Notice.Done($"{_project.Name} was deleted.") : Notice.Refused(refusal)).Leave(Context);
        navigation.NavigateTo(Links.Projects(Organization));
    }

    public sealed class ProjectForm
    {
        public string? Name { get; set; }

        public string? Description { get; set; }

        public string? Tags { get; set; }

        public string? Execution { get; set; }

        public static ProjectForm Of(Project project, IReadOnlyList<Tag> tags) => new()
        {
            Name = project.Name,
            Description = project.Description,
            Tags = TagText.Write(tags),
            Execution = ExecutionChoice.Of(project.DefaultExecutionMode, project.DefaultAgentPoolId),
        };

        public ProjectChange ToChange()
        {
            var (mode, pool) = ExecutionChoice.Read(Execution);
            return new ProjectChange(new ProjectEdit
            {
                Name = Name?.Trim() ?? "",
                Description = Description?.Trim() ?? "",
                DefaultExecutionMode = mode,
                DefaultAgentPool = pool,
                InheritAgentPool = pool is null,
            })
            {
                Tags = TagText.Read(Tags),
            };
        }
    }
}
