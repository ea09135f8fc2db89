using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Access;

/// <summary>Who may come through which door. A route without a rule is closed.</summary>
public static class Rights
{
    public const string Admin = "admin";
    public const string User = "user";
    public const string Team = "team";
    public const string Organization = "organization";
    public const string Run = "run";

    /// <summary>For the rest of the API: each route says what it needs (<see cref="RouteNeeds"/>). Whatever does not is for site admins.</summary>
    public const string ApiPolicy = "api";

    /// <summary>For pages, by the same rules: <see cref="PageRules"/>. Those of a person's own account are
    /// <see cref="ForEveryUserAttribute"/>.</summary>
    public const string PagePolicy = "page";

    private const string Either = "bearer-or-cookie";

    public static IServiceCollection AddRights(this IServiceCollection services)
    {
        services.AddSingleton<AdminToken>();
        services.AddSingleton<SignInLinks>();
        services.AddSingleton<SignedLinks>();
        services.AddSingleton<SignInFlow>();
        services.AddSingleton<PasswordChange>();
        services.AddSingleton<SecondStep>();
        services.AddSingleton<CompanyLink>();
        services.AddSingleton<InvitationMail>();
        services.AddPasskeys();
        services.AddSingleton<IAuthorizationHandler, NeedHandler>();
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
                    ? BearerHandler.Scheme
                    : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.Scheme, null)
            .AddCookie(ConfigureCookie);
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build())
            .AddPolicy(ApiPolicy, policy => policy.RequireAssertion(IsDecidedElsewhereOrByAdmin))
            .AddPolicy(PagePolicy, policy => policy.RequireAssertion(context => IsDecidedElsewhereOrByAdmin(context)
                || (context.User.IsInRole(User) && (context.Resource as HttpContext)?.GetEndpoint()?.Metadata.GetMetadata<ForEveryUserAttribute>() is not null)));
        return services;
    }

    /// <summary>A route that says what it needs decides by that; any other is for site admins.</summary>
    private static bool IsDecidedElsewhereOrByAdmin(AuthorizationHandlerContext context)
    {
        if (context.Resource is not HttpContext http || http.GetEndpoint()?.Metadata.GetMetadata<Need>() is not null)
        {
            return true;
        }
        if (Caller.TryOf(http) is not { IsSiteAdmin: true } admin)
        {
            if (Caller.TryOf(http) is not null)
            {
                http.Audit().Refuse("site admin");
            }
            return false;
        }
        http.Features.Set(new Admission(admin, Orchestrator.Access.Standing.OfSiteAdmin, Scope.Nowhere));
        return true;
    }

    private static void ConfigureCookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "orchestrator";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.SlidingExpiration = true;
        options.LoginPath = "/sign-in";
        options.ReturnUrlParameter = "return";
        options.Events.OnValidatePrincipal = SessionCheck.ValidateAsync;
        options.Events.OnRedirectToAccessDenied = SessionCheck.ExplainAsync;
    }
}
