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
        site.MapPost("/app/{organization}/settings/members/{user}/link", MakeLinkAsync).WithMetadata(new ForEveryUserAttribute()).RequireForm();

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
