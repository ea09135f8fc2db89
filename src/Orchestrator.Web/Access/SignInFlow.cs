using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;

namespace Orchestrator.Web.Access;

/// <summary>What follows when somebody has proved who they are, however they did.</summary>
internal sealed class SignInFlow(
    Sessions sessions, SignInAttempts attempts, Passwords passwords, Authenticators authenticators, SecondStep second, Principals people,
    SignInEvents events)
{
    /// <summary>After a first factor: asks whoever has an authenticator for its code, and lets in whoever has none.</summary>
    public async Task<IResult> ProveAsync(HttpContext context, UserId user, SignInMethod method, string? target = null)
    {
        if (await authenticators.StateOfAsync(user, context.RequestAborted) != AuthenticatorState.Active)
        {
            return await EnterAsync(context, user, method, target);
        }
        context.Audit().Action = "show_first_factor";
        context.Audit().Say("account", user.Value);
        second.Begin(context, new FirstFactor(user, method));
        ReturnPath.Keep(context, target);
        return Results.LocalRedirect(SecondStep.Path);
    }

    /// <summary>Begins a session, a new one each time: what a browser had before it was signed in is worth nothing afterwards.</summary>
    /// <param name="target">Where the form says that its person wants to go; null when it does not say.</param>
    public async Task<IResult> EnterAsync(HttpContext context, UserId user, SignInMethod method, string? target = null)
    {
        var cancellationToken = context.RequestAborted;
        if (await people.FindAsync(user, cancellationToken) is not { } person)
        {
            // Gone a moment ago, or disabled. Only whoever has proved that it is theirs is told.
            await RefuseAsync(context, method, user);
            return Results.Redirect("/sign-in?problem=disabled");
        }
        (context.Audit().Caller, context.Audit().Via) = (new Caller(person), EnumText.Of(method));
        await EndOwnAsync(context);
        await attempts.ForgiveAsync(user, cancellationToken);
        var session = await sessions.BeginAsync(user, method, context.Origin(), cancellationToken);
        await context.SignInAsync(
            CookieAuthenticationDefaults.AuthenticationScheme,
            new Caller(person) { SessionId = session.Id }.ToClaims(CookieAuthenticationDefaults.AuthenticationScheme));
        await events.RaiseAsync(SignInEventKind.SignedIn, user, context.Origin(), cancellationToken, method);
        var wanted = ReturnPath.Take(context, target);
        return Results.LocalRedirect(wanted
            ?? (method == SignInMethod.OneTimeLink && !await passwords.HasOneAsync(user, cancellationToken) ? Links.FirstPassword : HomeOf(person)));
    }

    public async Task LeaveAsync(HttpContext context)
    {
        await EndOwnAsync(context);
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        await events.RaiseAsync(SignInEventKind.SignedOut, Caller.Of(context).UserId, context.Origin(), context.RequestAborted);
    }

    /// <summary>Counts what proves nothing, for the address it came from and for whoever watches.</summary>
    public ValueTask RefuseAsync(HttpContext context, SignInMethod method, UserId? user = null, bool isLockedNow = false)
    {
        context.RequestServices.GetRequiredService<FailedAttempts>().Count(context);
        context.Audit().Say("account", user?.Value);
        return events.RaiseAsync(
            isLockedNow ? SignInEventKind.Locked : SignInEventKind.Refused, user, context.Origin(), context.RequestAborted, method);
    }

    private static string HomeOf(Principal person) => person.IsSiteAdmin ? "/" : Links.Tokens;

    private async Task EndOwnAsync(HttpContext context)
    {
        if (Caller.TryOf(context)?.SessionId is { } own)
        {
            await sessions.EndAsync(all => all.Where(session => session.Id == own), context.RequestAborted);
        }
    }
}
