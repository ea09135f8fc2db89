using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages.Account;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons of one's own second factor.</summary>
internal static class AuthenticatorForms
{
    public const string Path = Links.Security + "/authenticator";

    public static void MapAuthenticatorForms(this IEndpointRouteBuilder site)
    {
        var own = site.MapGroup(Path).WithMetadata(new ForEveryUserAttribute()).LimitFailures().RequireForm().Audited(null, "authenticator");
        own.MapPost("/start", async (HttpContext context, Authenticators authenticators) =>
        {
            await authenticators.BeginAsync(Caller.Of(context).UserId!.Value, context.RequestAborted);
            return Results.LocalRedirect(Links.Security);
        });
        own.MapPost("/confirm", ConfirmAsync);
        own.MapPost("/remove", RemoveAsync);
        own.MapPost("/recovery-codes", RenewAsync);
    }

    private static async Task<IResult> ConfirmAsync(
        HttpContext context, Authenticators authenticators, Sessions sessions, SignInEvents events, FailedAttempts failures)
    {
        var caller = Caller.Of(context);
        var user = caller.UserId!.Value;
        if (await authenticators.ConfirmAsync(user, await CodeOfAsync(context), context.RequestAborted) is not { } codes)
        {
            failures.Count(context);
            return Refuse(context, "That is not the code that the authenticator shows now. Check its clock, and type the next one.");
        }
        // What was begun with a password alone ends where a password alone is no more enough.
        await sessions.EndAsync(all => all.Where(session => session.UserId == user && session.Id != caller.SessionId), context.RequestAborted);
        await events.RaiseAsync(SignInEventKind.AuthenticatorAdded, user, context.Origin(), context.RequestAborted);
        return App.Show<RecoveryCodesPage>(StatusCodes.Status200OK, new() { ["Codes"] = codes });
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context, Authenticators authenticators, SignInAttempts attempts, SignInEvents events, SignInFlow flow)
    {
        var user = Caller.Of(context).UserId!.Value;
        if (await authenticators.StateOfAsync(user, context.RequestAborted) == AuthenticatorState.Active
            && !await IsCodeAsync(context, user, authenticators, attempts, flow))
        {
            return Refuse(context, "That code is not good or was used already. Type the next one, or a recovery code.");
        }
        await authenticators.RemoveAsync(user, context.RequestAborted);
        await events.RaiseAsync(SignInEventKind.AuthenticatorRemoved, user, context.Origin(), context.RequestAborted);
        Notice.Done("No authenticator is asked for any more.").Leave(context);
        return Results.LocalRedirect(Links.Security);
    }

    private static async Task<IResult> RenewAsync(
        HttpContext context, Authenticators authenticators, SignInAttempts attempts, SignInEvents events, SignInFlow flow)
    {
        var user = Caller.Of(context).UserId!.Value;
        if (!await IsCodeAsync(context, user, authenticators, attempts, flow))
        {
            return Refuse(context, "That code is not good or was used already. Type the next one.");
        }
        var codes = await authenticators.RenewRecoveryCodesAsync(user, context.RequestAborted);
        await events.RaiseAsync(SignInEventKind.RecoveryCodesMade, user, context.Origin(), context.RequestAborted);
        return App.Show<RecoveryCodesPage>(StatusCodes.Status200OK, new() { ["Codes"] = codes });
    }

    /// <summary>So that whoever finds a browser open does not take the second factor away.</summary>
    private static async Task<bool> IsCodeAsync(
        HttpContext context, UserId user, Authenticators authenticators, SignInAttempts attempts, SignInFlow flow)
    {
        var code = await CodeOfAsync(context);
        var attempt = await attempts.CountAsync(user, context.RequestAborted);
        if (attempt != AttemptOutcome.Locked && (await authenticators.UseCodeAsync(user, code, context.RequestAborted)
            || await authenticators.UseRecoveryCodeAsync(user, code, context.RequestAborted)))
        {
            await attempts.ForgiveAsync(user, context.RequestAborted);
            return true;
        }
        await flow.RefuseAsync(context, SignInMethod.PasswordAndCode, user, attempt == AttemptOutcome.Last);
        return false;
    }

    private static async Task<string> CodeOfAsync(HttpContext context) =>
        (await context.Request.ReadFormAsync(context.RequestAborted))["code"].ToString();

    private static IResult Refuse(HttpContext context, string why)
    {
        Notice.Refused(why).Leave(context);
        return Results.LocalRedirect(Links.Security);
    }
}
