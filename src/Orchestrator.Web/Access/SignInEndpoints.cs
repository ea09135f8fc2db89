using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Orchestrator.Access;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Access;

/// <summary>The ways in and out for people.</summary>
internal static class SignInEndpoints
{
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
        }).AllowAnonymous().LimitFailures().ExcludeFromDescription();

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
        }).AllowAnonymous().LimitFailures().RequireForm().WithOrder(BeforeThePage).ExcludeFromDescription();

        routes.MapPost("/sign-out", async (HttpContext context) =>
        {
            await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return Results.Redirect("/sign-in");
        }).RequireAuthorization(Rights.PagePolicy).WithMetadata(new ForEveryUserAttribute()).RequireForm().ExcludeFromDescription();
    }

    /// <summary>Only a path of this site; anything else leads home.</summary>
    internal static string LocalPath(string path) =>
        path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal)
            && !path.Any(char.IsControl) ? path : "/";
}
