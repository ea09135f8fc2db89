using Orchestrator.Access.SignIn;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Pages;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.SignIn;

namespace Orchestrator.Web.Access;

/// <summary>Where invitations lead.</summary>
internal static class InvitationEndpoints
{
    /// <summary>Before an invitation's code.</summary>
    public const string Path = "/invitations/";

    public static void MapInvitations(this IEndpointRouteBuilder routes)
    {
        var doors = routes.MapGroup(Path + "{code}").AllowAnonymous().LimitFailures().ExcludeFromDescription();
        doors.MapGet("", async (string code, HttpContext context, Invitations invitations, SignInFlow flow) =>
            await invitations.FindAsync(code, context.RequestAborted) is { } invitation
                ? Show(code, invitation, StatusCodes.Status200OK)
                : await RefuseAsync(context, flow));
        doors.MapPost("/accept", AcceptAsync).RequireForm().Audited("accept", "invitation");
        doors.MapPost("/join", JoinAsync).RequireForm().Audited("join", "invitation");
    }

    private static async Task<IResult> AcceptAsync(string code, HttpContext context, Invitations invitations, SignInEvents events, SignInFlow flow)
    {
        if (Caller.TryOf(context)?.UserId is not { } user)
        {
            return Results.LocalRedirect(Path + Uri.EscapeDataString(code));
        }
        var invitation = await invitations.FindAsync(code, context.RequestAborted);
        switch (await invitations.AcceptAsync(code, user, context.RequestAborted))
        {
            case AcceptOutcome.Accepted:
                await events.RaiseAsync(SignInEventKind.InvitationAccepted, user, context.Origin(), context.RequestAborted, detail: invitation!.Organization);
                Notice.Done($"You are a member of {invitation.Organization} now.").Leave(context);
                break;
            case AcceptOutcome.Gone:
                return await RefuseAsync(context, flow);
            case AcceptOutcome.NotTheirs:
                Notice.Refused("This invitation is for another account.").Leave(context);
                break;
            case AcceptOutcome.AlreadyMember:
                Notice.Refused("You are a member already.").Leave(context);
                break;
        }
        return Results.LocalRedirect(Links.Profile);
    }

    /// <summary>For whoever has no account yet.</summary>
    private static async Task<IResult> JoinAsync(string code, HttpContext context, Invitations invitations, SignInEvents events, SignInFlow flow)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (await invitations.FindAsync(code, context.RequestAborted) is not { } invitation)
        {
            return await RefuseAsync(context, flow);
        }
        var (name, password) = (form["username"].ToString().Trim(), form["password"].ToString());
        if (password != form["confirmation"].ToString())
        {
            return Show(code, invitation, StatusCodes.Status422UnprocessableEntity, name, ("confirmation", "This differs from the password."));
        }
        var result = await invitations.RegisterAsync(code, name, password, context.RequestAborted);
        if (result.Refusal is { } refusal)
        {
            return Show(code, invitation, StatusCodes.Status422UnprocessableEntity, name, (result.Field!, refusal));
        }
        if (result.User is not { } user)
        {
            return await RefuseAsync(context, flow);
        }
        await events.RaiseAsync(SignInEventKind.InvitationAccepted, user.Id, context.Origin(), context.RequestAborted, detail: invitation.Organization);
        return await flow.EnterAsync(context, user.Id, SignInMethod.Invitation);
    }

    private static IResult Show(string code, OpenInvitation invitation, int status, string? name = null, (string Field, string Reason)? refusal = null) =>
        App.Show<InvitationPage>(status, new() { ["Code"] = code, ["Invitation"] = invitation, ["Name"] = name, ["Refusal"] = refusal });

    private static async Task<IResult> RefuseAsync(HttpContext context, SignInFlow flow)
    {
        await flow.RefuseAsync(context, SignInMethod.Invitation);
        return Results.Redirect("/sign-in?problem=invitation");
    }
}
