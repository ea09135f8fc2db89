using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;
using Orchestrator.Web.Pages.Forms;

namespace Orchestrator.Web.Access;

/// <summary>Somebody of the company's, who waits to be connected with the account that is signed in.</summary>
/// <param name="Session">In which it was asked for: in no other it comes to anything.</param>
/// <param name="Name">As the company calls them.</param>
internal sealed record PendingCompanyLink(string Session, string Issuer, string Subject, string Name);

/// <summary>Whoever is signed in connects their account with the company's sign-in: first they go there, then they say here that it was them. So
/// nobody is connected with somebody else's by being led there and back.</summary>
internal sealed class CompanyLink(IDataProtectionProvider protection)
{
    public const string Path = Links.Security + "/company";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly SealedCookie _cookie = new(protection, "orchestrator-company", "Orchestrator.CompanyLink.v1", Lifetime, Links.Security, comesFromElsewhere: true);

    public void Begin(HttpContext context, PendingCompanyLink pending) => _cookie.Set(context, JsonSerializer.Serialize(pending));

    /// <returns>Null when none waits in this session.</returns>
    public PendingCompanyLink? Of(HttpContext context) =>
        _cookie.Of(context) is { } content && JsonSerializer.Deserialize<PendingCompanyLink>(content) is { } pending
            && pending.Session == Caller.Of(context).SessionId?.Value ? pending : null;

    public void End(HttpContext context) => _cookie.End(context);
}

internal static class CompanyLinkEndpoints
{
    public static void MapCompanyLinks(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup(CompanyLink.Path).RequireAuthorization(Rights.PagePolicy).NeedsPerson().ExcludeFromDescription();
        own.MapGet("", (HttpContext context, IOptions<CompanySignInOptions> options) => string.IsNullOrEmpty(options.Value.Authority)
            ? Results.NotFound()
            : Results.Challenge(CompanySignIn.ToLink(Caller.Of(context).SessionId!.Value), [CompanySignIn.Scheme]));
        own.MapPost("", ConnectAsync).RequireForm().Audited("connect", "company_identity");
        own.MapPost("/remove", RemoveAsync).RequireForm().Audited("disconnect", "company_identity");
    }

    private static async Task<IResult> ConnectAsync(HttpContext context, CompanyLink link, CompanySignIns company, SignInEvents events)
    {
        var user = Caller.Of(context).UserId!.Value;
        var pending = link.Of(context);
        link.End(context);
        if (pending is null)
        {
            Notice.Refused("That took too long, or was asked for elsewhere. Begin again.").Leave(context);
        }
        else if (await company.ConnectAsync(user, pending.Issuer, pending.Subject, context.RequestAborted))
        {
            await events.RaiseAsync(SignInEventKind.CompanyConnected, user, context.Origin(), context.RequestAborted);
            Notice.Done("Connected: your company's sign-in leads to this account from now on.").Leave(context);
        }
        else
        {
            context.Audit().Fail();
            Notice.Refused("That sign-in leads to another account already. Sign in by it, disconnect it there, and come back.").Leave(context);
        }
        return Results.LocalRedirect(Links.Security);
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, CompanySignIns company, SignInEvents events)
    {
        var (form, user) = (await context.Request.ReadFormAsync(context.RequestAborted), Caller.Of(context).UserId!.Value);
        if (await company.DisconnectAsync(user, form["issuer"].ToString(), form["subject"].ToString(), context.RequestAborted))
        {
            await events.RaiseAsync(SignInEventKind.CompanyDisconnected, user, context.Origin(), context.RequestAborted);
            Notice.Done("Disconnected: that sign-in does not lead here any more.").Leave(context);
        }
        else
        {
            context.Audit().Fail();
            Notice.Refused("There is no such sign-in of yours any more.").Leave(context);
        }
        return Results.LocalRedirect(Links.Security);
    }
}
