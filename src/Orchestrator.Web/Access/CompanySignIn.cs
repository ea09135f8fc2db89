using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;

namespace Orchestrator.Web.Access;

/// <summary>The company's own sign-in. Section <c>Orchestrator:OpenIdConnect</c>.</summary>
public sealed class CompanySignInOptions
{
    /// <summary>The provider's issuer, such as <c>https://login.example.com/</c>. Null: there is none.</summary>
    public string? Authority { get; set; }

    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>On the button. Default: "your company".</summary>
    public string DisplayName { get; set; } = "your company";

    /// <summary>Asked for beside <c>openid</c>, with spaces between. Default <c>profile email</c>.</summary>
    public string Scopes { get; set; } = "profile email";

    /// <summary>The claim that holds the groups, a list of texts; they are compared with the teams' <c>sso-team-id</c>. Default
    /// <c>groups</c>.</summary>
    public string GroupsClaim { get; set; } = "groups";

    /// <summary>Whoever signs in first gets an account. Default: yes. An account alone opens nothing: teams do.</summary>
    public bool CreateUsers { get; set; } = true;

    /// <summary>Whoever signs in first, with an address that the provider vouches for and that an account here has proved to be its own, gets that
    /// account. Never a site admin's. Default: no; people connect their accounts themselves.</summary>
    public bool LinkByVerifiedEmail { get; set; }
}

/// <summary>OpenID Connect: authorization code with PKCE, by ASP.NET Core's own handler.</summary>
internal static class CompanySignIn
{
    public const string Scheme = "company";
    public const string StartPath = "/sign-in/company";

    // In what the provider gives back: a link is wanted, and in which session.
    private const string LinkItem = "orchestrator.link";

    private const string CallbackPath = "/sign-in/company/callback";

    public static void AddCompanySignIn(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<CompanySignInOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CompanySignInOptions>, Validation>();
        if (section.Get<CompanySignInOptions>() is { Authority.Length: > 0 } company)
        {
            services.AddAuthentication().AddOpenIdConnect(Scheme, options => Configure(options, company));
        }
    }

    public static void MapCompanySignIn(this IEndpointRouteBuilder routes)
    {
        MapCallback(routes);
        // A link and no form: where a form may lead is bound by the page, and providers lead on to where they like.
        routes.MapGet(StartPath, (HttpContext context, IOptions<CompanySignInOptions> options) => string.IsNullOrEmpty(options.Value.Authority)
            ? Results.NotFound()
            : Results.Challenge(new() { RedirectUri = ReturnPath.LocalOf(context.Request.Query["return"]) }, [Scheme]))
            .AllowAnonymous().LimitFailures().ExcludeFromDescription();
    }

    /// <summary>For whoever is signed in and wants to connect.</summary>
    public static AuthenticationProperties ToLink(SessionId session) =>
        new(new Dictionary<string, string?> { [LinkItem] = session.Value }) { RedirectUri = Links.Security };

    /// <summary>The handler answers before the route does. The route is there for the audit trail, which records by routes.</summary>
    private static void MapCallback(IEndpointRouteBuilder routes) => routes
        .MapGet(CallbackPath, () => Results.Redirect("/sign-in?problem=company"))
        .AllowAnonymous().Audited("sign_in", "session").ExcludeFromDescription();

    private static void Configure(OpenIdConnectOptions options, CompanySignInOptions company)
    {
        options.Authority = company.Authority;
        options.ClientId = company.ClientId;
        options.ClientSecret = company.ClientSecret;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // The answer comes in the address, as a navigation: then the browser sends cookies that are for this site.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.CallbackPath = CallbackPath;
        options.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        // Whose subject it is.
        options.ClaimActions.Remove("iss");
        options.Scope.Clear();
        foreach (var scope in company.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend("openid"))
        {
            options.Scope.Add(scope);
        }
        // On this machine only a test or a trial has a provider.
        options.RequireHttpsMetadata = !new Uri(company.Authority!).IsLoopback;
        options.TokenValidationParameters.NameClaimType = "preferred_username";
        foreach (var cookie in new[] { options.CorrelationCookie, options.NonceCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.HttpOnly = true;
        }
        // The handler follows the protocol, which lets a token be unsigned that comes by TLS from the provider itself. Ours are signed.
        options.Events.OnTokenValidated = context =>
        {
            if (context.SecurityToken.SignatureAlgorithm is null or "" or "none")
            {
                context.Fail("The provider's token is not signed.");
            }
            return Task.CompletedTask;
        };
        options.Events.OnTicketReceived = context => EnterAsync(context, company);
        options.Events.OnRemoteFailure = async context =>
        {
            await context.HttpContext.RequestServices.GetRequiredService<SignInFlow>().RefuseAsync(context.HttpContext, SignInMethod.Company);
            context.Response.Redirect("/sign-in?problem=company");
            context.HandleResponse();
        };
    }

    private static async Task EnterAsync(TicketReceivedContext context, CompanySignInOptions company)
    {
        var (http, flow) = (context.HttpContext, context.HttpContext.RequestServices.GetRequiredService<SignInFlow>());
        context.HandleResponse();
        var person = PersonOf(context.Principal!, company);
        if (person is not null && context.Properties?.Items.TryGetValue(LinkItem, out var session) == true && session is not null)
        {
            http.Audit().Action = "show_company_identity";
            http.RequestServices.GetRequiredService<CompanyLink>().Begin(
                http, new PendingCompanyLink(session, person.Issuer, person.Subject, person.Name ?? person.Subject));
            http.Response.Redirect(Links.Security);
            return;
        }
        var user = person is null ? null : await http.RequestServices.GetRequiredService<CompanySignIns>()
            .SignInAsync(person, company.CreateUsers, company.LinkByVerifiedEmail, http.RequestAborted);
        if (user is { } known)
        {
            await (await flow.EnterAsync(http, known, SignInMethod.Company, context.ReturnUri)).ExecuteAsync(http);
            return;
        }
        await flow.RefuseAsync(http, SignInMethod.Company);
        http.Response.Redirect("/sign-in?problem=stranger");
    }

    /// <returns>Null when the provider names nobody.</returns>
    private static CompanyPerson? PersonOf(ClaimsPrincipal principal, CompanySignInOptions company)
    {
        var (issuer, subject) = (principal.FindFirstValue("iss"), principal.FindFirstValue("sub"));
        if (issuer is not { Length: > 0 and <= CompanyIdentity.MaxIssuerLength } || subject is not { Length: > 0 and <= CompanyIdentity.MaxSubjectLength })
        {
            return null;
        }
        var vouches = string.Equals(principal.FindFirstValue("email_verified"), "true", StringComparison.OrdinalIgnoreCase);
        var email = vouches && principal.FindFirstValue("email") is { } address && Names.IsEmail(address) ? address : null;
        var groups = principal.FindAll(company.GroupsClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
        // A provider that is told to send groups sends none to whoever is in none.
        return new CompanyPerson(issuer, subject, principal.FindFirstValue("preferred_username") ?? principal.FindFirstValue("email"), email, groups);
    }

    private sealed class Validation : IValidateOptions<CompanySignInOptions>
    {
        public ValidateOptionsResult Validate(string? name, CompanySignInOptions options)
        {
            if (string.IsNullOrEmpty(options.Authority))
            {
                return ValidateOptionsResult.Success;
            }
            List<string> wrong = [];
            if (!Uri.TryCreate(options.Authority, UriKind.Absolute, out var authority) || (authority.Scheme != Uri.UriSchemeHttps && !authority.IsLoopback))
            {
                wrong.Add("Orchestrator__OpenIdConnect__Authority is the provider's address, and begins with https://.");
            }
            if (string.IsNullOrEmpty(options.ClientId))
            {
                wrong.Add("Orchestrator__OpenIdConnect__ClientId is not set: the provider gives it, together with the secret.");
            }
            return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
        }
    }
}
