using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons that end one's own sessions.</summary>
internal static class SessionForms
{
    public static void MapSessionForms(this IEndpointRouteBuilder site)
    {
        var own = site.MapGroup(Links.Sessions).WithMetadata(new ForEveryUserAttribute()).RequireForm().Audited("end", "session");
        own.MapPost("/{id}/end", async (string id, HttpContext context, Sessions sessions, SignInEvents events) =>
        {
            var wanted = new SessionId(id);
            return await EndAsync(context, sessions, events, all => all.Where(session => session.Id == wanted), "That browser is signed out.");
        });
        own.MapPost("/end-others", async (HttpContext context, Sessions sessions, SignInEvents events) =>
        {
            var current = Caller.Of(context).SessionId;
            return await EndAsync(context, sessions, events, all => all.Where(session => session.Id != current), "Every other browser is signed out.");
        });
    }

    private static async Task<IResult> EndAsync(
        HttpContext context, Sessions sessions, SignInEvents events, Func<IQueryable<Session>, IQueryable<Session>> which, string done)
    {
        var user = Caller.Of(context).UserId!.Value;
        var ended = await sessions.EndAsync(all => which(all.Where(session => session.UserId == user)), context.RequestAborted);
        if (ended > 0)
        {
            await events.RaiseAsync(SignInEventKind.SessionsEnded, user, context.Origin(), context.RequestAborted);
        }
        (ended > 0 ? Notice.Done(done) : Notice.Refused("There is no such session of yours any more.")).Leave(context);
        return Results.LocalRedirect(Links.Sessions);
    }
}
