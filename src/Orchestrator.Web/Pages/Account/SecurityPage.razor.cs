using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Account;

public sealed partial class SecurityPage(IServiceProvider services, NavigationManager navigation)
{
    private bool _hasPassword;
    private PasswordRefusal? _refusal;
    private List<string> _closed = [];

    [SupplyParameterFromQuery]
    private bool? First { get; set; }

    [SupplyParameterFromForm(FormName = "password")]
    private PasswordForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private UserId User => Caller.Of(Context).UserId!.Value;

    protected override async Task OnInitializedAsync()
    {
        Form ??= new PasswordForm();
        var user = User;
        _hasPassword = await services.GetRequiredService<Passwords>().HasOneAsync(user, Context.RequestAborted);
        await using var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync(Context.RequestAborted);
        if (!await db.HasSecondFactorAsync(user, Context.RequestAborted))
        {
            var isSiteAdmin = Caller.Of(Context).IsSiteAdmin;
            _closed = await db.Organizations
                .Where(organization => organization.RequiresTwoFactor && (isSiteAdmin || db.OrganizationMemberships.Any(membership =>
                    membership.OrganizationId == organization.Id && membership.UserId == user && membership.Status == MembershipStatus.Active)))
                .OrderBy(organization => organization.Name)
                .Select(organization => organization.Name)
                .ToListAsync(Context.RequestAborted);
        }
    }

    private string? RefusalOf(string field) => _refusal?.Field == field ? _refusal.Reason : null;

    private async Task SetPasswordAsync()
    {
        _refusal = await services.GetRequiredService<PasswordChange>()
            .ChangeAsync(User, Form!.Current, Form.Password, Form.Confirmation, Context);
        if (_refusal is null)
        {
            Notice.Done("Your password is set.").Leave(Context);
            navigation.NavigateTo(Links.Security);
        }
    }

    public sealed class PasswordForm
    {
        public string? Current { get; set; }

        public string? Password { get; set; }

        public string? Confirmation { get; set; }
    }
}
