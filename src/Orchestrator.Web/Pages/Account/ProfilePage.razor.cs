using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Account;

public sealed partial class ProfilePage(IDbContextFactory<OrchestratorDbContext> databases, Accounts accounts, NavigationManager navigation)
{
    private List<string> _memberships = [];
    private bool _isProved;
    private AccountEditResult? _result;

    [SupplyParameterFromForm(FormName = "profile")]
    private ProfileForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private UserId User => Caller.Of(Context).UserId!.Value;

    protected override async Task OnInitializedAsync()
    {
        var isAsked = Form is null;
        // The page is rendered once before the database answers.
        Form ??= new ProfileForm();
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var user = await db.Users.AsNoTracking().FirstAsync(row => row.Id == User, Context.RequestAborted);
        _isProved = user.EmailKey is not null;
        if (isAsked)
        {
            (Form.Username, Form.Email) = (user.Username, user.Email);
        }
        _memberships = await (
            from membership in db.OrganizationMemberships
            where membership.UserId == user.Id && membership.Status == MembershipStatus.Active
            join organization in db.Organizations on membership.OrganizationId equals organization.Id
            orderby organization.Name
            select organization.Name).ToListAsync(Context.RequestAborted);
    }

    private string? RefusalOf(string field) => _result?.Field == field ? _result.Refusal : null;

    private async Task SaveAsync()
    {
        _result = await accounts.UpdateAsync(User, new AccountEdit(Form!.Username?.Trim() ?? "", Form.Email?.Trim() ?? ""), Context.RequestAborted);
        if (_result.User is not null)
        {
            Notice.Done("Saved.").Leave(Context);
            navigation.NavigateTo(Links.Profile);
        }
    }

    public sealed class ProfileForm
    {
        public string? Username { get; set; }

        public string? Email { get; set; }
    }
}
