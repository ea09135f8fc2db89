using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons of a team's page.</summary>
internal static class TeamForms
{
    public static void MapTeamForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/add-member", AddAsync);
        forms.MapPost("/members/{membership}/remove", RemoveAsync);
        forms.MapPost("/tokens/{token}/revoke", RevokeAsync);
        forms.MapPost("/delete", DeleteAsync);
    }

    private static async Task<IResult> AddAsync(HttpContext context, Admission admission, OrchestratorDbContext db, TeamSettings teams)
    {
        var who = (await context.Request.ReadFormAsync(context.RequestAborted))["who"].ToString().Trim();
        var (team, key) = (admission.Scope.Team!, User.KeyOf(who));
        var here = db.OrganizationMemberships.Where(row => row.OrganizationId == team.OrganizationId);
        // An address counts that is proved or was invited, not what somebody has written into their profile.
        var found = await here.Where(row => row.EmailKey == key || db.Users.Any(user => user.Id == row.UserId
            && (user.UsernameKey == key || user.EmailKey == key))).Select(row => row.Id).Take(2).ToListAsync(context.RequestAborted);
        if (found is not [var membership])
        {
            return Back(context, team, Notice.Refused(found.Count == 0
                ? $"Nobody named '{who}' belongs to the organization. Invite them first."
                : $"'{who}' may be two members. Use the username."));
        }
        context.Audit().Say("member", who);
        await teams.AddMembersAsync(team.Id, [membership], context.RequestAborted);
        return Back(context, team, Notice.Done($"{who} is in {team.Name} now."));
    }

    private static async Task<IResult> RemoveAsync(string membership, HttpContext context, Admission admission, TeamSettings teams)
    {
        var team = admission.Scope.Team!;
        context.Audit().Say("team", team.Name);
        return Back(context, team, await teams.RemoveMembersAsync(team, [new OrganizationMembershipId(membership)], context.RequestAborted)
            ? Notice.Done($"Removed from {team.Name}.")
            : Notice.Refused(TeamSettings.LastOwner));
    }

    private static async Task<IResult> RevokeAsync(string token, HttpContext context, Admission admission, ApiTokens tokens)
    {
        var (team, id) = (admission.Scope.Team!, new ApiTokenId(token));
        var revoked = await tokens.RevokeAsync(all => all.Where(row => row.Id == id && row.TeamId == team.Id), context.RequestAborted);
        return Back(context, team, revoked == 1
            ? Notice.Done("Revoked: whoever shows that token is refused from now on.")
            : Notice.Refused("The team has no such token any more."));
    }

    private static async Task<IResult> DeleteAsync(string organization, HttpContext context, Admission admission, TeamSettings teams)
    {
        var team = admission.Scope.Team!;
        var name = (await context.Request.ReadFormAsync(context.RequestAborted))["name"].ToString().Trim();
        if (name != team.Name)
        {
            return Back(context, team, Notice.Refused($"That is not its name. Nothing was deleted: type {team.Name} to delete it."));
        }
        context.Audit().Say("name", team.Name);
        await teams.RemoveAsync(team.Id, context.RequestAborted);
        Notice.Done($"{team.Name} was deleted.").Leave(context);
        return Results.LocalRedirect(Links.Teams(organization));
    }

    private static IResult Back(HttpContext context, Team team, Notice notice)
    {
        notice.Leave(context);
        return Results.LocalRedirect(Links.Team((string)context.GetRouteValue("organization")!, team.Id));
    }
}
