using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons of the decision bar.</summary>
internal static class RunForms
{
    public static void MapRunForms(this IEndpointRouteBuilder forms)
    {
        Map(forms, "confirm", "Confirmed: the plan is being applied.", (actions, id, who, comment, token) =>
            actions.ConfirmAsync(id, who.Caller.Actor, comment, who.May(WorkspaceRight.RunWithCredentials), token));
        Map(forms, "discard", "Discarded: nothing was changed.", (actions, id, who, comment, token) => actions.DiscardAsync(id, who.Caller.Actor, comment, token));
        Map(forms, "cancel", "Canceled.", (actions, id, who, comment, token) => actions.CancelAsync(id, who.Caller.Actor, comment, token));
        Map(forms, "force-cancel", "Terraform is being killed.", (actions, id, who, comment, token) => actions.ForceCancelAsync(id, who.Caller.Actor, comment, token));
    }

    private static void Map(
        IEndpointRouteBuilder forms, string name, string done, Func<RunActions, RunId, Admission, string?, CancellationToken, Task<ActionResult>> act) =>
        forms.MapPost($"/runs/{{run}}/{name}", async Task<IResult> (
            string organization, string workspace, string run, HttpContext context, Admission admission, RunActions actions, OrchestratorDbContext db) =>
        {
            var status = await db.Runs.Where(row => row.Id == new RunId(run)).Select(row => row.Status).FirstOrDefaultAsync(context.RequestAborted);
            if (name == "cancel" && !admission.MayCancel(status))
            {
                return App.Show<NotFoundPage>(StatusCodes.Status404NotFound);
            }
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var comment = form["comment"].ToString().Trim();
            var result = await act(
                actions, new RunId(run), admission, comment.Length > 0 ? comment : null, context.RequestAborted);
            (result.IsDone ? Notice.Done(done) : Notice.Refused(result.Refusal!)).Leave(context);
            return Results.LocalRedirect(Links.Run(organization, workspace, run));
        });
}
