using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Account;

public sealed partial class TokensPage(IDbContextFactory<OrchestratorDbContext> databases, ApiTokens tokens, TimeProvider clock)
{
    /// <summary>How the terraform CLI marks the address when it sends people here to fetch a token.</summary>
    private const string FromTerraform = "terraform-login";

    private const int PageSize = 50;

    private List<ApiToken> _tokens = [];
    private DateTimeOffset _now;
    private string _name = "";
    private int _page;
    private int _pages;
    private IssuedToken? _issued;
    private string? _refusal;

    [SupplyParameterFromQuery]
    private string? Source { get; set; }

    [SupplyParameterFromQuery]
    private int? Page { get; set; }

    [SupplyParameterFromForm(FormName = "token")]
    private TokenForm? Form { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private UserId User => Caller.Of(Context).UserId!.Value;

    protected override async Task OnInitializedAsync()
    {
        (_name, _now) = (Caller.Of(Context).Name, clock.GetUtcNow());
        Form ??= new TokenForm { Days = TokenLife.All[0].Days, Description = Source == FromTerraform ? "terraform login" : null };
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        var user = User;
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var own = db.ApiTokens.AsNoTracking().Where(token => token.UserId == user);
        (_page, _pages) = Paging.PageOf(Page, await own.CountAsync(Context.RequestAborted), PageSize);
        _tokens = await own.OrderByDescending(token => token.CreatedAt).ThenBy(token => token.Id)
            .Skip((_page - 1) * PageSize).Take(PageSize)
            .ToListAsync(Context.RequestAborted);
    }

    private async Task CreateAsync()
    {
        var description = string.IsNullOrWhiteSpace(Form!.Description) ? null : Form.Description.Trim();
        if (description?.Length > ApiToken.MaxDescriptionLength)
        {
            _refusal = $"A description has {ApiToken.MaxDescriptionLength} characters at most.";
            return;
        }
        if (!TokenLife.TryRead(Form.Days, _now, out var expires))
        {
            _refusal = "Choose one of the times after which it expires.";
            return;
        }
        _issued = await tokens.IssueAsync(User, new TokenRequest(Caller.Of(Context).Actor, description, expires), Context.RequestAborted);
        Context.Audit().About("authentication_token", _issued.Token.Id.Value);
        Form = new TokenForm { Days = TokenLife.All[0].Days };
        await ReadAsync();
    }

    public sealed class TokenForm
    {
        public string? Description { get; set; }

        /// <summary>Until it expires; empty: it does not.</summary>
        public string? Days { get; set; }
    }
}
