using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Access;

/// <summary>Passkeys (WebAuthn): <c>passkeys.js</c> asks for options, the browser asks its device, and the form brings the answer.</summary>
internal static class PasskeyEndpoints
{
    public const string SignInPath = "/sign-in/passkey";

    private const string Cookie = "orchestrator-passkey";

    /// <summary>Time to find the device and touch it.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public static void AddPasskeys(this IServiceCollection services)
    {
        services.AddIdentityCore<User>().AddUserStore<PasskeyStore>();
        services.AddScoped<IPasskeyHandler<User>, PasskeyHandler<User>>();
        services.Configure<IdentityPasskeyOptions>(options =>
        {
            // The device knows its person, so that it is two factors; and it finds the key without a name.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
            options.AuthenticatorTimeout = Lifetime;
            // The library looks at the request's Origin header, which a form does not have where the referrer policy is no-referrer.
            options.ValidateOrigin = context => ValueTask.FromResult(IsOurs(context));
        });
    }

    /// <summary>What the browser has signed: the page that asked was this server's, and in no other site's frame. The scheme is the
    /// browser's business, which lets only safe pages ask; before a proxy that speaks HTTPS, this server does not know it.</summary>
    private static bool IsOurs(PasskeyOriginValidationContext context) =>
        !context.CrossOrigin && Uri.TryCreate(context.Origin, UriKind.Absolute, out var origin)
        && (origin.Scheme == Uri.UriSchemeHttps || origin.IsLoopback)
        && string.Equals(origin.Authority, context.HttpContext.Request.Host.Value, StringComparison.OrdinalIgnoreCase);

    public static void MapPasskeys(this IEndpointRouteBuilder routes)
    {
        var doors = routes.MapGroup(SignInPath).AllowAnonymous().LimitFailures().RequireForm().ExcludeFromDescription();
        doors.MapPost("/options", async (HttpContext context, IPasskeyHandler<User> handler) =>
        {
            var made = await handler.MakeRequestOptionsAsync(null, context);
            Remember(context, made.AssertionState);
            return Results.Text(made.RequestOptionsJson, "application/json");
        }).Audited("ask", "passkey");
        doors.MapPost("", SignInAsync).Audited("sign_in", "session");

        var own = routes.MapGroup($"{Links.Security}/passkeys").RequireAuthorization(Rights.PagePolicy).NeedsPerson()
            .RequireForm().ExcludeFromDescription();
        own.MapPost("/options", async (HttpContext context, IPasskeyHandler<User> handler) =>
        {
            var caller = Caller.Of(context);
            var made = await handler.MakeCreationOptionsAsync(
                new PasskeyUserEntity { Id = caller.Principal.Id, Name = caller.Name, DisplayName = caller.Name }, context);
            Remember(context, made.AttestationState);
            return Results.Text(made.CreationOptionsJson, "application/json");
        }).Audited("ask", "passkey");
        own.MapPost("", AddAsync).Audited("create", "passkey");
        own.MapPost("/{id}/remove", RemoveAsync).Audited("delete", "passkey");
    }

    private static async Task<IResult> SignInAsync(HttpContext context, IPasskeyHandler<User> handler, Passkeys passkeys, SignInFlow flow)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (await RecallAsync(context) is { } state)
        {
            var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext
            {
                HttpContext = context,
                CredentialJson = form["credential"].ToString(),
                AssertionState = state,
            });
            if (result.Succeeded && await passkeys.UseAsync(result.Passkey, context.RequestAborted))
            {
                return await flow.EnterAsync(context, result.User.Id, SignInMethod.Passkey, form["return"]);
            }
        }
        await flow.RefuseAsync(context, SignInMethod.Passkey);
        return Results.Redirect($"/sign-in?problem=passkey&return={Uri.EscapeDataString(ReturnPath.LocalOf(form["return"]))}");
    }

    private static async Task<IResult> AddAsync(HttpContext context, IPasskeyHandler<User> handler, Passkeys passkeys, SignInEvents events)
    {
        var (form, caller) = (await context.Request.ReadFormAsync(context.RequestAborted), Caller.Of(context));
        var name = form["name"].ToString().Trim();
        var result = await RecallAsync(context) is { } state
            ? await handler.PerformAttestationAsync(new PasskeyAttestationContext
            {
                HttpContext = context,
                CredentialJson = form["credential"].ToString(),
                AttestationState = state,
            })
            : null;
        // The options were made for somebody: whoever has signed in as somebody else meanwhile gets no key of theirs.
        if (result is { Succeeded: true } && result.UserEntity.Id == caller.Principal.Id
            && await passkeys.AddAsync(caller.UserId!.Value, name.Length > 0 ? name : "A passkey", result.Passkey, context.RequestAborted))
        {
            await events.RaiseAsync(SignInEventKind.PasskeyAdded, caller.UserId, context.Origin(), context.RequestAborted);
            Notice.Done("This device signs you in from now on.").Leave(context);
        }
        else
        {
            Notice.Refused($"That did not work. Try again; a device can be added once, and {Passkeys.MaxOfOne} in all.").Leave(context);
        }
        return Results.LocalRedirect(Links.Security);
    }

    private static async Task<IResult> RemoveAsync(string id, HttpContext context, Passkeys passkeys, SignInEvents events)
    {
        var user = Caller.Of(context).UserId!.Value;
        if (await passkeys.RemoveAsync(user, new PasskeyId(id), context.RequestAborted))
        {
            await events.RaiseAsync(SignInEventKind.PasskeyRemoved, user, context.Origin(), context.RequestAborted);
            Notice.Done("Removed: that device signs nobody in any more.").Leave(context);
        }
        else
        {
            Notice.Refused("There is no such passkey of yours any more.").Leave(context);
        }
        return Results.LocalRedirect(Links.Security);
    }

    private static void Remember(HttpContext context, string? state) => CookieOf(context).Set(context, state ?? "");

    /// <summary>What was asked for, once, whatever the answer is worth: a browser that keeps the cookie gets no second try from it.</summary>
    private static async Task<string?> RecallAsync(HttpContext context)
    {
        var state = CookieOf(context).Of(context);
        CookieOf(context).End(context);
        return state is not null && await context.RequestServices.GetRequiredService<Challenges>().TrySpendAsync(state, Lifetime, context.RequestAborted)
            ? state : null;
    }

    private static SealedCookie CookieOf(HttpContext context) =>
        new(context.RequestServices.GetRequiredService<IDataProtectionProvider>(), Cookie, "Orchestrator.Passkeys.v1", Lifetime);
}
