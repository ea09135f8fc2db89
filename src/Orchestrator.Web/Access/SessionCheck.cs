using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;

namespace Orchestrator.Web.Access;

/// <summary>Reads a session at every request: the cookie says only which it is, and whether it is alive and what its person may is looked
/// up.</summary>
internal static class SessionCheck
{
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var (services, cancellationToken) = (context.HttpContext.RequestServices, context.HttpContext.RequestAborted);
        if (Caller.SessionOf(context.Principal) is { } shown
            && await services.GetRequiredService<Sessions>().FindAsync(shown.Id, cancellationToken) is { } session && session == shown
            && await services.GetRequiredService<Principals>().FindAsync(session.User, cancellationToken) is { } person)
        {
            context.ReplacePrincipal(new Caller(person) { SessionId = session.Id }.ToClaims(CookieAuthenticationDefaults.AuthenticationScheme));
            return;
        }
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    /// <summary>Somebody is signed in, and asks for what is not theirs: as if there were nothing.</summary>
    public static Task ExplainAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.HttpContext.Audit().Refuse();
        return App.Show<NotFoundPage>(StatusCodes.Status404NotFound).ExecuteAsync(context.HttpContext);
    }
}
