using Microsoft.AspNetCore.Components;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Comments;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Account;

/// <summary>Which accounts at code hosts are a person's own, and a code to show it of another one.</summary>
public sealed partial class LinkedAccountsPage(VcsAccounts accounts)
{
    private IReadOnlyList<VcsConnection> _connections = [];
    private IReadOnlyList<VcsAccount> _accounts = [];
    private string? _code;
    private string? _refusal;

    [SupplyParameterFromForm(FormName = "link")]
    private Fields? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private UserId User => Caller.Of(Context).UserId!.Value;

    protected override async Task OnInitializedAsync()
    {
        Form ??= new Fields();
        _connections = await accounts.ConnectionsOfAsync(User, Context.RequestAborted);
        _accounts = await accounts.OfAsync(User, Context.RequestAborted);
    }

    private async Task MakeAsync()
    {
        _code = Identifier.TryParse<OAuthClientId>(Form!.Connection, out var connection)
            ? await accounts.MakeCodeAsync(User, connection, Form.Account ?? "", Context.RequestAborted)
            : null;
        _refusal = _code is null ? "Choose a connection, and name your account there." : null;
    }

    private async Task RemoveAsync()
    {
        var form = Context.Request.Form;
        if (Identifier.TryParse<OAuthClientId>(form["connection"].ToString(), out var connection))
        {
            await accounts.RemoveAsync(User, connection, form["account"].ToString(), Context.RequestAborted);
            _accounts = await accounts.OfAsync(User, Context.RequestAborted);
        }
    }

    private string TitleOf(OAuthClientId id) => _connections.FirstOrDefault(row => row.Id == id) is { } connection ? $"{connection.Title} ({connection.HttpUrl})" : "a connection";

    public sealed class Fields
    {
        public string? Connection { get; set; }

        public string? Account { get; set; }
    }
}
