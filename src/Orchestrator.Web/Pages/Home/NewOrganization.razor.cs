using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Home;

public sealed partial class NewOrganization(
    IDbContextFactory<OrchestratorDbContext> databases, NavigationManager navigation, AccessCache access, TimeProvider clock)
{
    private string? _refusal;

    [SupplyParameterFromForm(FormName = "new-organization")]
    private OrganizationForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override void OnInitialized() => Form ??= new OrganizationForm();

    private async Task CreateAsync()
    {
        var now = clock.GetUtcNow();
        var result = OrganizationEditor.Create(Form!.Name?.Trim(), email: null, now);
        if (result.Organization is not { } organization)
        {
            _refusal = result.Refusal;
            return;
        }
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var taken = await db.Organizations.AnyAsync(row => row.Name == organization.Name, Context.RequestAborted);
        db.Organizations.Add(organization);
        db.Projects.Add(new Project
        {
            Id = Identifier.New<ProjectId>(),
            OrganizationId = organization.Id,
            Name = Names.DefaultProject,
            CreatedAt = now,
        });
        db.AddOwners(organization.Id, Caller.Of(Context).UserId, now);
        if (taken || !await db.TrySaveAsync(Context.RequestAborted))
        {
            _refusal = OrganizationEditor.NameTaken;
            return;
        }
        await access.ForgetAsync();
        navigation.NavigateTo(Links.Organization(organization.Name));
    }

    public sealed class OrganizationForm
    {
        public string? Name { get; set; }
    }
}
