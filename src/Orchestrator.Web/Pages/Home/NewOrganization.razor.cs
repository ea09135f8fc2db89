using Microsoft.AspNetCore.Components;
using Orchestrator.Organizations;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Home;

public sealed partial class NewOrganization(NavigationManager navigation, OrganizationSettings settings)
{
    private string? _refusal;

    [SupplyParameterFromForm(FormName = "new-organization")]
    private OrganizationForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    protected override void OnInitialized() => Form ??= new OrganizationForm();

    private async Task CreateAsync()
    {
        var result = await settings.CreateAsync(new OrganizationEdit { Name = Form!.Name?.Trim() }, Caller.Of(Context).UserId, Context.RequestAborted);
        if (result.Organization is not { } organization)
        {
            _refusal = result.Refusal;
            return;
        }
        navigation.NavigateTo(Links.Organization(organization.Name));
    }

    public sealed class OrganizationForm
    {
        public string? Name { get; set; }
    }
}
