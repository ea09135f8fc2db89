using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Orchestrator.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;

namespace Orchestrator.Web.Access;

/// <summary>Reads a session at every request: the cookie says only whose it is, and what they are is looked up.</summary>
internal static class SessionCheck
{
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var people = context.HttpContext.RequestServices.GetRequiredService<Principals>();
        if (Caller.SessionOf(context.Principal) is { } user
            && await people.FindAsync(user, context.HttpContext.RequestAborted) is { } person)
        {
            context.ReplacePrincipal(new Caller(person).ToClaims(CookieAuthenticationDefaults.AuthenticationScheme));
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

    /// <summary>Begins a session of somebody who has proved who they are.</summary>
    /// <exception cref="InvalidOperationException">The account is gone.</exception>
    public static async Task SignInAsync(this HttpContext context, Orchestrator.Data.UserId user)
    {
        var people = context.RequestServices.GetRequiredService<Principals>();
        var person = await people.FindAsync(user, context.RequestAborted)
            ?? throw new InvalidOperationException($"The account {user} is gone.");
        context.Audit().Caller = new Caller(person);
        await context.SignInAsync(
            CookieAuthenticationDefaults.AuthenticationScheme,
            new Caller(person).ToClaims(CookieAuthenticationDefaults.AuthenticationScheme));
    }
}
