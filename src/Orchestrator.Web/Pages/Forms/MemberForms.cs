using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Pages.Account;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons beside an organisation's members.</summary>
internal static partial class MemberForms
{
    public static void MapMemberForms(this IEndpointRouteBuilder site)
    {
        var members = site.MapGroup("/app/{organization}/settings/members").WithMetadata(new ForEveryUserAttribute()).RequireForm();
        members.MapPost("/{user}/link", MakeLinkAsync);
        members.MapPost("/invite", InviteAsync);
        members.MapPost("/{membership}/invitation", MakeInvitationAsync);
    }

    /// <summary>By mail where that is possible; otherwise the inviter is shown the link.</summary>
    private static async Task<IResult> InviteAsync(
        string organization, HttpContext context, OrchestratorDbContext db, Invitations invitations, InvitationMail mail)
    {
        if (await db.OwnedAsync(organization, context) is not { } owned)
        {
            return Results.NotFound();
        }
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (who, team) = (form["who"].ToString().Trim(), new TeamId(form["team"].ToString()));
        if (!await db.Teams.AnyAsync(row => row.Id == team && row.OrganizationId == owned, context.RequestAborted))
        {
            return Back(Notice.Refused("Choose one of the organization's teams."));
        }
        var invited = who.Contains('@', StringComparison.Ordinal)
            ? await invitations.InviteAsync(owned, who, [team], context.RequestAborted)
            : await invitations.InviteUserAsync(owned, who, [team], context.RequestAborted);
        if (invited.Membership is not { } membership)
        {
            return Back(Notice.Refused(invited.Refusal!));
        }
        return await mail.SendAsync(membership, context) ? Back(Notice.Done($"{who} has mail, with a link by which to join."))
            : membership.Status == MembershipStatus.Active ? Back(Notice.Done($"{who} is a member now."))
            : await ShowInvitationAsync(organization, membership.Id, who, context, invitations) ?? Back(Notice.Refused("The invitation is gone."));

        IResult Back(Notice notice)
        {
            notice.Leave(context);
            return Results.LocalRedirect(Links.Members(organization));
        }
    }

    private static async Task<IResult> MakeInvitationAsync(
        string organization, string membership, HttpContext context, OrchestratorDbContext db, Invitations invitations)
    {
        var id = new OrganizationMembershipId(membership);
        if (await db.OwnedAsync(organization, context) is not { } owned
            || await db.OrganizationMemberships.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.OrganizationId == owned, context.RequestAborted) is not { } found)
        {
            return Results.NotFound();
        }
        var name = found.Email ?? await db.Users.Where(row => row.Id == found.UserId).Select(row => row.Username).FirstOrDefaultAsync(context.RequestAborted);
        if (await ShowInvitationAsync(organization, id, name ?? "", context, invitations) is { } shown)
        {
            return shown;
        }
        Notice.Refused("This invitation was accepted meanwhile.").Leave(context);
        return Results.LocalRedirect(Links.Members(organization));
    }

    /// <returns>Null when the invitation is not open any more.</returns>
    private static async Task<IResult?> ShowInvitationAsync(
        string organization, OrganizationMembershipId membership, string name, HttpContext context, Invitations invitations) =>
        await invitations.MakeLinkAsync(membership, isMailed: false, context.RequestAborted) is { } code
            ? App.Show<MemberLinkPage>(StatusCodes.Status200OK, new()
            {
                ["Organization"] = organization,
                ["Name"] = name,
                ["Link"] = context.AbsoluteUrl(InvitationEndpoints.Path + code),
                ["What"] = "An invitation link",
                ["Lasting"] = "within a week",
            })
            : null;

    private static async Task<IResult> MakeLinkAsync(
        string organization, string user, HttpContext context, OrchestratorDbContext db, MemberLinks links, ILogger<MemberLinks> logger)
    {
        if (await db.OwnedAsync(organization, context) is not { } owned)
        {
            return Results.NotFound();
        }
        var id = new UserId(user);
        var link = await links.MakeAsync(owned, id, context.RequestAborted);
        if (link.Code is not { } code)
        {
            Notice.Refused(link.Refusal == MemberLinkRefusal.NotTheirsAlone
                ? "This member has rights outside this organization, so its owners cannot let them in. Whoever runs the server can: 'users link USERNAME'."
                : "There is no such member any more.").Leave(context);
            return Results.LocalRedirect(Links.Members(organization));
        }
        var name = await db.Users.Where(row => row.Id == id).Select(row => row.Username).FirstAsync(context.RequestAborted);
        Log.Made(logger, Caller.Of(context).Name, name, organization);
        return App.Show<MemberLinkPage>(StatusCodes.Status200OK, new()
        {
            ["Organization"] = organization,
            ["Name"] = name,
            ["Link"] = context.AbsoluteUrl(SignInEndpoints.MemberLinkPath + code),
        });
    }

    /// <summary>The organisation of this name, when the caller is one of its owners or a site admin; otherwise null.</summary>
    public static async Task<OrganizationId?> OwnedAsync(this OrchestratorDbContext db, string organization, HttpContext context)
    {
        var found = await db.Organizations
            .Where(row => row.Name == organization)
            .Select(row => (OrganizationId?)row.Id)
            .FirstOrDefaultAsync(context.RequestAborted);
        var standings = context.RequestServices.GetRequiredService<Standings>();
        return found is { } id
            && (await standings.OfAsync(Caller.Of(context).Principal, null, context.RequestAborted)).In(id).HasFlag(OrganizationRight.ManageOwners)
            ? id : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Maker} has made a sign-in link for {Member} of {Organization}.")]
        public static partial void Made(ILogger logger, string maker, string member, string organization);
    }
}
