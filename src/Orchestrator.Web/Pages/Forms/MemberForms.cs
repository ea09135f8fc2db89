using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Pages.Account;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons beside an organisation's members.</summary>
internal static partial class MemberForms
{
    public static void MapMemberForms(this IEndpointRouteBuilder site)
    {
        var members = site.MapGroup("/app/{organization}/settings/members").RequireForm();
        members.MapPost("/{user}/link", MakeLinkAsync);
        members.MapPost("/invite", InviteAsync);
        members.MapPost("/{membership}/invitation", MakeInvitationAsync);
        members.MapPost("/{membership}/remove", RemoveAsync);
    }

    /// <summary>By mail where that is possible; otherwise the inviter is shown the link.</summary>
    private static async Task<IResult> InviteAsync(
        string organization, HttpContext context, Admission admission, OrchestratorDbContext db, Invitations invitations, InvitationMail mail)
    {
        var (here, form) = (admission.Scope.Organization, await context.Request.ReadFormAsync(context.RequestAborted));
        var (who, id) = (form["who"].ToString().Trim(), new TeamId(form["team"].ToString()));
        if (await db.Teams.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.OrganizationId == here, context.RequestAborted) is not { } team
            || !admission.Of(team).HasFlag(TeamRight.ManageMembers))
        {
            return Back(Notice.Refused("Choose one of the organization's teams whose members you may choose."));
        }
        var invited = who.Contains('@', StringComparison.Ordinal)
            ? await invitations.InviteAsync(here, who, [id], context.RequestAborted)
            : await invitations.InviteUserAsync(here, who, [id], context.RequestAborted);
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
        string organization, string membership, HttpContext context, Admission admission, OrchestratorDbContext db, Invitations invitations)
    {
        var (id, here) = (new OrganizationMembershipId(membership), admission.Scope.Organization);
        if (await db.OrganizationMemberships.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.OrganizationId == here, context.RequestAborted) is not { } found)
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

    private static async Task<IResult> RemoveAsync(
        string organization, string membership, HttpContext context, Admission admission, OrchestratorDbContext db, Memberships memberships)
    {
        var (id, here) = (new OrganizationMembershipId(membership), admission.Scope.Organization);
        if (await db.OrganizationMemberships.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.OrganizationId == here, context.RequestAborted) is not { } found)
        {
            return Results.NotFound();
        }
        var name = await db.Users.Where(row => row.Id == found.UserId).Select(row => row.Username).FirstOrDefaultAsync(context.RequestAborted) ?? found.Email;
        context.Audit().Say("member", name);
        var refusal = await memberships.RemoveAsync(id, admission.May(OrganizationRight.ManageOwners), admission.Caller.UserId, context.RequestAborted);
        (refusal is null ? Notice.Done($"{name} does not belong to {organization} any more.") : Notice.Refused(refusal)).Leave(context);
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
        string organization, string user, HttpContext context, Admission admission, OrchestratorDbContext db, MemberLinks links,
        ILogger<MemberLinks> logger)
    {
        var id = new UserId(user);
        var link = await links.MakeAsync(admission.Scope.Organization, id, context.RequestAborted);
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Maker} has made a sign-in link for {Member} of {Organization}.")]
        public static partial void Made(ILogger logger, string maker, string member, string organization);
    }
}
