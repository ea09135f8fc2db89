using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Pages.Credentials;

/// <summary>The policies of an organisation and of its projects, one of them to be changed.</summary>
public sealed partial class OrganizationCredentialsPage(
    IDbContextFactory<OrchestratorDbContext> databases, CredentialPolicies policies, NavigationManager navigation)
{
    private const int PageSize = 50;

    private PolicyOwner? _owner;
    private CredentialPolicyLevels? _levels;
    private Project? _project;
    private IReadOnlyList<(Project Project, CredentialPolicy? Policy)> _projects = [];
    private int _page = 1;
    private int _pages = 1;

    [Parameter]
    public string Organization { get; set; } = "";

    /// <summary>The project whose policy is to be changed; without one, it is the organisation's.</summary>
    [SupplyParameterFromQuery]
    private string? Project { get; set; }

    [SupplyParameterFromQuery]
    private int Page { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private Admission Here => Admission.Of(Context);

    protected override async Task OnInitializedAsync()
    {
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var organization = await db.Organizations.AsNoTracking().FirstOrDefaultAsync(row => row.Name == Organization, Context.RequestAborted);
        if (organization is null)
        {
            navigation.NotFound();
            return;
        }
        await ReadProjectsAsync(db, organization.Id);
        _project = Identifier.TryParse<ProjectId>(Project, out var id)
            ? await db.Projects.AsNoTracking().SeenBy(db, Here.Standing).FirstOrDefaultAsync(row => row.Id == id && row.OrganizationId == organization.Id, Context.RequestAborted)
            : null;
        _owner = new PolicyOwner(organization.Id, _project?.Id);
        _levels = await policies.LevelsAsync(_owner, Context.RequestAborted);
    }

    private async Task ReadProjectsAsync(OrchestratorDbContext db, OrganizationId organization)
    {
        var projects = db.Projects.AsNoTracking().Where(project => project.OrganizationId == organization).SeenBy(db, Here.Standing);
        _page = Math.Max(1, Page);
        _pages = Paging.PagesOf(await projects.CountAsync(Context.RequestAborted), PageSize);
        var shown = await (
            from project in projects.OrderBy(project => project.Name).Skip((_page - 1) * PageSize).Take(PageSize)
            join row in db.CredentialPolicies.AsNoTracking() on project.Id equals row.ProjectId into policies
            from policy in policies.DefaultIfEmpty()
            orderby project.Name
            select new { project, policy }).ToListAsync(Context.RequestAborted);
        _projects = [.. shown.Select(row => (row.project, (CredentialPolicy?)row.policy))];
    }

    private bool MayChange(Project project) => Here.At(new Scope(project.OrganizationId, project.Id)).May(ProjectRight.ManageCredentials);

    private static string Says(CredentialPolicy? policy) => string.Join("; ", new[]
    {
        policy?.Delivery is { } delivery ? $"delivery by {PolicyWords.Of(delivery)}" : null,
        policy?.Speculative is { } speculative ? $"speculative plans get {PolicyWords.Of(speculative)}" : null,
        policy?.ReadOnlyPlan is { } readOnly ? $"read-only plans: {PolicyWords.Of(readOnly)}" : null,
        policy?.SessionTags is { } tags ? $"session tags: {PolicyWords.Of(tags)}" : null,
    }.OfType<string>());
}
