using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Orchestrator.Access;
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

    // A page answers every method at its address.
    private const int BeforeThePage = -1;

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in/{code}", async (string code, HttpContext context, SignInLinks links, FailedAttempts failures) =>
        {
            if (await links.RedeemAsync(code, context.RequestAborted) is not { } user)
            {
                failures.Count(context);
                return Results.Redirect("/sign-in?problem=link");
            }
            await context.SignInAsync(user);
            return Results.Redirect("/");
        }).AllowAnonymous().LimitFailures().Audited("sign_in", "session").ExcludeFromDescription();

        routes.MapGet(MemberLinkPath + "{code}", ShowMemberLinkAsync).AllowAnonymous().LimitFailures().ExcludeFromDescription();
        routes.MapPost(MemberLinkPath + "{code}", UseMemberLinkAsync).Audited("sign_in", "session").AllowAnonymous().LimitFailures().RequireForm().ExcludeFromDescription();

        routes.MapPost("/sign-in", async (HttpContext context, AdminToken admin, FailedAttempts failures) =>
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var home = LocalPath(form["return"].ToString());
            if (!admin.Matches(form["token"].ToString().Trim()))
            {
                failures.Count(context);
                return Results.Redirect($"/sign-in?problem=token&return={Uri.EscapeDataString(home)}");
            }
            await context.SignInAsync(User.AdminId);
            return Results.LocalRedirect(home);
        }).AllowAnonymous().LimitFailures().RequireForm().Audited("sign_in", "session").WithOrder(BeforeThePage).ExcludeFromDescription();

        routes.MapPost("/sign-out", async (HttpContext context) =>
        {
            await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return Results.Redirect("/sign-in");
        }).RequireAuthorization(Rights.PagePolicy).NeedsPerson().RequireForm().Audited("sign_out", "session").ExcludeFromDescription();
    }

    /// <summary>Programs that preview links follow them, too. So the link itself does nothing; its page's button does.</summary>
    private static async Task<IResult> ShowMemberLinkAsync(
        string code, HttpContext context, OneTimeCodes codes, Principals people, FailedAttempts failures) =>
        await codes.PeekAsync(OneTimePurpose.MemberSignIn, code, context.RequestAborted) is { } user
        && await people.FindAsync(user, context.RequestAborted) is { } person
            ? App.Show<MemberSignInPage>(StatusCodes.Status200OK, new() { ["Name"] = person.Name, ["Address"] = MemberLinkPath + code })
            : RefuseMemberLink(context, failures);

    private static async Task<IResult> UseMemberLinkAsync(
        string code, HttpContext context, OneTimeCodes codes, Principals people, FailedAttempts failures)
    {
        if (await codes.RedeemAsync(OneTimePurpose.MemberSignIn, code, context.RequestAborted) is not { } user
            || await people.FindAsync(user, context.RequestAborted) is not { } person)
        {
            return RefuseMemberLink(context, failures);
        }
        await context.SignInAsync(user);
        return Results.LocalRedirect(person.IsSiteAdmin ? "/" : Links.Tokens);
    }

    private static IResult RefuseMemberLink(HttpContext context, FailedAttempts failures)
    {
        failures.Count(context);
        return Results.Redirect("/sign-in?problem=member");
    }

    /// <summary>Only a path of this site; anything else leads home.</summary>
    internal static string LocalPath(string path) =>
        path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal)
            && !path.Any(char.IsControl) ? path : "/";
}
