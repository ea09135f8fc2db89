using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Pages.Account;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons beside an organisation's members.</summary>
internal static partial class MemberForms
{
    public static void MapMemberForms(this IEndpointRouteBuilder site) =>
        site.MapPost("/app/{organization}/settings/members/{user}/link", MakeLinkAsync).RequireForm();

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
