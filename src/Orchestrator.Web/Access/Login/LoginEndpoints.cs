using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Orchestrator.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Pages;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.SignIn;
using static OpenIddict.Server.AspNetCore.OpenIddictServerAspNetCoreConstants;

namespace Orchestrator.Web.Access.Login;

/// <summary><c>terraform login</c>: the terraform CLI sends its user's browser here, the user agrees, and the CLI fetches an API token of
/// theirs. OAuth 2.0, authorization code with PKCE (RFC 6749 section 4.1, RFC 7636).</summary>
internal static class LoginEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    // Within the code, which only this installation reads.
    private const string Consent = "consent";

    public static void MapTerraformLogin(this IEndpointRouteBuilder routes)
    {
        var oauth = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        oauth.MapGet(TerraformClient.AuthorizePath, Ask).AddEndpointFilter(ReadRequestAsync);
        oauth.MapPost(TerraformClient.AuthorizePath, DecideAsync).Audited("consent", "terraform_login").RequireForm().AddEndpointFilter(ReadRequestAsync);
        oauth.MapPost(TerraformClient.TokenPath, TradeAsync).Audited("create", "authentication_token").DisableAntiforgery().LimitFailures().AddEndpointFilter(ReadRequestAsync);
    }

    private static IResult Ask(HttpContext context)
    {
        var asked = context.GetOpenIddictServerRequest()!;
        if (context.GetOpenIddictServerResponse() is { Error.Length: > 0 })
        {
            return App.Show<RefusedLoginPage>(StatusCodes.Status400BadRequest);
        }
        if (context.User.Identity is not { IsAuthenticated: true })
        {
            return SignInFirst(asked);
        }
        // Browsers hold the answer to the form against this page's rules, and it leads to the CLI.
        context.AllowFormsToLeadTo(new Uri(asked.RedirectUri!).GetLeftPart(UriPartial.Authority));
        return App.Show<ApproveLoginPage>(StatusCodes.Status200OK);
    }

    private static async Task<IResult> DecideAsync(HttpContext context, TerraformLogins logins)
    {
        if (context.GetOpenIddictServerResponse() is { Error.Length: > 0 })
        {
            return App.Show<RefusedLoginPage>(StatusCodes.Status400BadRequest);
        }
        if (context.User.Identity is not { IsAuthenticated: true })
        {
            return SignInFirst(context.GetOpenIddictServerRequest()!);
        }
        if (context.Request.Form[ApproveLoginPage.Decision] != ApproveLoginPage.Approve)
        {
            return Refuse(OpenIddictConstants.Errors.AccessDenied, "The request was denied in the browser.");
        }
        var user = Caller.Of(context).UserId!.Value;
        return Results.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity(
            [
                new Claim(OpenIddictConstants.Claims.Subject, user.Value),
                new Claim(Consent, await logins.ConsentAsync(user, context.RequestAborted)),
            ], Scheme)),
            authenticationScheme: Scheme);
    }

    private static async Task<IResult> TradeAsync(HttpContext context, TerraformLogins logins, FailedAttempts failures)
    {
        // The code is genuine, its client's, and comes with the right verifier.
        var code = await context.AuthenticateAsync(Scheme);
        var consent = code.Principal?.FindFirst(Consent)?.Value ?? "";
        if (await logins.RedeemAsync(consent, context.AddressOfCaller() ?? "an unknown address", context.RequestAborted) is not { } issued)
        {
            failures.Count(context);
            return Refuse(OpenIddictConstants.Errors.InvalidGrant, "The code is too old, or was used already.");
        }
        var note = context.Audit();
        note.About("authentication_token", issued.Token.Id.Value);
        note.Say("for", issued.Token.CreatedBy);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new Dictionary<string, string> { ["access_token"] = issued.Text, ["token_type"] = "bearer" });
    }

    /// <summary>Lets OpenIddict read the request first. What it refuses it answers itself, where no page is to be shown.</summary>
    private static async ValueTask<object?> ReadRequestAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var handlers = context.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>();
        var server = (IAuthenticationRequestHandler)(await handlers.GetHandlerAsync(context, Scheme))!;
        try
        {
            if (!await server.HandleRequestAsync())
            {
                // Of a refusal for which a page is shown. Handlers are not called when this is 400.
                context.Response.StatusCode = StatusCodes.Status200OK;
                return await next(invocation);
            }
        }
        catch (Exception broken) when (broken is BadHttpRequestException or InvalidDataException)
        {
            return Results.Text("The form could not be read.\n", statusCode: StatusCodes.Status400BadRequest);
        }
        if (context.Request.Path == TerraformClient.TokenPath)
        {
            context.RequestServices.GetRequiredService<FailedAttempts>().Count(context);
        }
        return Results.Empty;
    }

    /// <summary>And then once more to here.</summary>
    private static IResult SignInFirst(OpenIddictRequest asked) => Results.Challenge(new AuthenticationProperties
    {
        RedirectUri = TerraformClient.AuthorizePath + QueryString.Create(ApproveLoginPage.Repeat(asked)),
    });

    private static IResult Refuse(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [Properties.Error] = error,
            [Properties.ErrorDescription] = description,
        }),
        [Scheme]);
}
