using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.SignIn;

namespace Orchestrator.Web.Access;

/// <summary>The ways in and out for people.</summary>
internal static class SignInEndpoints
{
    /// <summary>Before a member's code.</summary>
    public const string MemberLinkPath = "/sign-in/as/";

    public const string PasswordPath = "/sign-in/password";

    // A page answers every method at its address.
    private const int BeforeThePage = -1;

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        var doors = routes.MapGroup("").AllowAnonymous().LimitFailures().ExcludeFromDescription();
        doors.MapGet("/sign-in/{code}", UseOneTimeLinkAsync).Audited("sign_in", "session");
        doors.MapGet(MemberLinkPath + "{code}", ShowMemberLinkAsync);
        doors.MapPost(MemberLinkPath + "{code}", UseMemberLinkAsync).RequireForm().Audited("sign_in", "session");
        doors.MapPost(PasswordPath, UsePasswordAsync).RequireForm().Audited("sign_in", "session");
        doors.MapPost(SecondStep.Path, UseCodeAsync).RequireForm().WithOrder(BeforeThePage).Audited("sign_in", "session");
        doors.MapPost("/sign-in", UseAdminTokenAsync).RequireForm().WithOrder(BeforeThePage).Audited("sign_in", "session");

        routes.MapPost("/sign-out", async (HttpContext context, SignInFlow flow) =>
        {
            await flow.LeaveAsync(context);
            return Results.Redirect("/sign-in");
        }).RequireAuthorization(Rights.PagePolicy).NeedsPerson().RequireForm().Audited("sign_out", "session").ExcludeFromDescription();
    }

    private static async Task<IResult> UseOneTimeLinkAsync(string code, HttpContext context, SignInLinks links, SignInFlow flow)
    {
        if (await links.RedeemAsync(code, context.RequestAborted) is { } user)
        {
            return await flow.EnterAsync(context, user, SignInMethod.OneTimeLink, context.Request.Query["return"]);
        }
        await flow.RefuseAsync(context, SignInMethod.OneTimeLink);
        return Results.Redirect("/sign-in?problem=link");
    }

    /// <summary>Programs that preview links follow them, too. So the link itself does nothing; its page's button does.</summary>
    private static async Task<IResult> ShowMemberLinkAsync(string code, HttpContext context, OneTimeCodes codes, Principals people, SignInFlow flow) =>
        await codes.PeekAsync(OneTimePurpose.MemberSignIn, code, context.RequestAborted) is { } user
        && await people.FindAsync(user, context.RequestAborted) is { } person
            ? App.Show<MemberSignInPage>(StatusCodes.Status200OK, new() { ["Name"] = person.Name, ["Address"] = MemberLinkPath + code })
            : await RefuseMemberLinkAsync(context, flow);

    private static async Task<IResult> UseMemberLinkAsync(string code, HttpContext context, OneTimeCodes codes, Principals people, SignInFlow flow) =>
        await codes.RedeemAsync(OneTimePurpose.MemberSignIn, code, context.RequestAborted) is { } user
        && await people.FindAsync(user, context.RequestAborted) is not null
            ? await flow.ProveAsync(context, user, SignInMethod.MemberLink)
            : await RefuseMemberLinkAsync(context, flow);

    private static async Task<IResult> RefuseMemberLinkAsync(HttpContext context, SignInFlow flow)
    {
        await flow.RefuseAsync(context, SignInMethod.MemberLink);
        return Results.Redirect("/sign-in?problem=member");
    }

    /// <summary>The answer is the same for a wrong name, a wrong password, an account without one, and one that is locked.</summary>
    private static async Task<IResult> UsePasswordAsync(HttpContext context, Passwords passwords, SignInFlow flow)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var check = await passwords.CheckAsync(form["name"].ToString(), form["password"].ToString(), context.RequestAborted);
        if (check is { IsRight: true, User: { } user })
        {
            return await flow.ProveAsync(context, user, SignInMethod.Password, form["return"]);
        }
        await flow.RefuseAsync(context, SignInMethod.Password, check.User, check.WasLocked);
        return Results.Redirect($"/sign-in?problem=password&return={Uri.EscapeDataString(ReturnPath.LocalOf(form["return"]))}");
    }

    /// <summary>A code of the authenticator, or a recovery code in its place. Either is good once.</summary>
    private static async Task<IResult> UseCodeAsync(
        HttpContext context, SecondStep second, SignInAttempts attempts, Authenticators authenticators, SignInFlow flow)
    {
        if (second.Of(context) is not { } first)
        {
            return Results.Redirect("/sign-in?problem=second");
        }
        var (code, cancellationToken) = ((await context.Request.ReadFormAsync(context.RequestAborted))["code"].ToString(), context.RequestAborted);
        var attempt = await attempts.CountAsync(first.User, cancellationToken);
        var isCode = attempt != AttemptOutcome.Locked && await authenticators.UseCodeAsync(first.User, code, cancellationToken);
        if (isCode || (attempt != AttemptOutcome.Locked && await authenticators.UseRecoveryCodeAsync(first.User, code, cancellationToken)))
        {
            second.End(context);
            return await flow.EnterAsync(context, first.User, (first.Method, isCode) switch
            {
                (SignInMethod.MemberLink, _) => SignInMethod.MemberLinkAndCode,
                (_, true) => SignInMethod.PasswordAndCode,
                _ => SignInMethod.PasswordAndRecoveryCode,
            });
        }
        await flow.RefuseAsync(context, SignInMethod.PasswordAndCode, first.User, attempt == AttemptOutcome.Last);
        return Results.Redirect($"{SecondStep.Path}?problem=code");
    }

    private static async Task<IResult> UseAdminTokenAsync(HttpContext context, AdminToken admin, SignInFlow flow)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (admin.Matches(form["token"].ToString().Trim()))
        {
            return await flow.EnterAsync(context, User.AdminId, SignInMethod.AdminToken, form["return"]);
        }
        await flow.RefuseAsync(context, SignInMethod.AdminToken);
        return Results.Redirect($"/sign-in?problem=token&return={Uri.EscapeDataString(ReturnPath.LocalOf(form["return"]))}");
    }
}
