using Microsoft.AspNetCore.Components;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Pages.Account;

public sealed partial class SecurityPage(IServiceProvider services, NavigationManager navigation)
{
    private bool _hasPassword;
    private PasswordRefusal? _refusal;

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
        _hasPassword = await services.GetRequiredService<Passwords>().HasOneAsync(User, Context.RequestAborted);
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
