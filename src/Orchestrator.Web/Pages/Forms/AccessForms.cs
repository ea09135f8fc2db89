using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>Takes teams' access to a workspace and to a project away.</summary>
internal static class AccessForms
{
    public static void MapAccessForms(this IEndpointRouteBuilder forms) => forms.MapPost("/access/{access}/remove", TakeAsync);

    public static void MapProjectAccessForms(this IEndpointRouteBuilder forms) => forms.MapPost("/access/{access}/remove", TakeProjectAsync);

    private static async Task<IResult> TakeAsync(
        string organization, string workspace, string access, HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache cache)
    {
        var (id, here) = (new TeamWorkspaceAccessId(access), admission.Scope.Workspace!.Value);
        var team = await db.TeamWorkspaceAccesses.Where(row => row.Id == id && row.WorkspaceId == here)
            .Join(db.Teams, row => row.TeamId, team => team.Id, (_, team) => team.Name).FirstOrDefaultAsync(context.RequestAborted);
        await db.TeamWorkspaceAccesses.Where(row => row.Id == id && row.WorkspaceId == here).ExecuteDeleteAsync(context.RequestAborted);
        await cache.ForgetAsync();
        Say(context, team);
        return Results.LocalRedirect(Links.Access(organization, workspace));
    }

    private static async Task<IResult> TakeProjectAsync(
        string organization, string access, HttpContext context, Admission admission, OrchestratorDbContext db, AccessCache cache)
    {
        var (id, here) = (new TeamProjectAccessId(access), admission.Scope.Project!.Value);
        var team = await db.TeamProjectAccesses.Where(row => row.Id == id && row.ProjectId == here)
            .Join(db.Teams, row => row.TeamId, team => team.Id, (_, team) => team.Name).FirstOrDefaultAsync(context.RequestAborted);
        await db.TeamProjectAccesses.Where(row => row.Id == id && row.ProjectId == here).ExecuteDeleteAsync(context.RequestAborted);
        await cache.ForgetAsync();
        Say(context, team);
        return Results.LocalRedirect(Links.Project(organization, here));
    }

    private static void Say(HttpContext context, string? team)
    {
        context.Audit().Say("team", team);
        (team is null ? Notice.Refused("The team has no such access any more.") : Notice.Done($"{team} has no access here any more, but what it has by other ways."))
            .Leave(context);
    }
}
