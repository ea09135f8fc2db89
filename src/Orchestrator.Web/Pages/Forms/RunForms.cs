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
        forms.MapPost("/runs/{run}/comment", CommentAsync);
        forms.MapPost("/runs/{run}/again", RunAgainAsync);
    }

    private static async Task<IResult> CommentAsync(
        string organization, string workspace, string run, HttpContext context, Admission admission, RunComments comments)
    {
        var said = (await context.Request.ReadFormAsync(context.RequestAborted))["comment"].ToString().Trim().ReplaceLineEndings("\n");
        var back = Results.LocalRedirect(Links.Run(organization, workspace, run));
        if (said.Length is 0 or > RunEvent.MaxCommentLength)
        {
            Notice.Refused($"A comment has 1 to {RunEvent.MaxCommentLength} characters.").Leave(context);
            return back;
        }
        await comments.AddAsync(new RunId(run), admission.Caller.Actor, said, context.RequestAborted);
        return back;
    }

    /// <summary>The same configuration and options once more, for whoever asks now: with this person's rights, and never with credentials where
    /// the first had none.</summary>
    private static async Task<IResult> RunAgainAsync(
        string organization, string workspace, string run, HttpContext context, Admission admission, RunQueue queue, OrchestratorDbContext db)
    {
        var first = await db.Runs.AsNoTracking().FirstAsync(row => row.Id == new RunId(run), context.RequestAborted);
        var mayApply = admission.May(WorkspaceRight.QueueApply);
        var result = first switch
        {
            { ProtectedOwnVariables: not null } => RunRequestResult.Refused("It had variables of its own (-var). Start it from where they are."),
            { Options: { IsDestroy: true, PlanOnly: false } } when !mayApply => RunRequestResult.Refused("You may not apply here, so you can only plan to destroy."),
            _ => await queue.CreateAsync(new RunRequest(first.WorkspaceId, admission.Caller.Actor, RunSource.Pages)
            {
                ConfigurationVersionId = first.ConfigurationVersionId,
                Message = first.Message,
                IsDestroy = first.Options.IsDestroy,
                Refresh = first.Options.Refresh,
                RefreshOnly = first.Options.RefreshOnly,
                PlanOnly = first.Options.PlanOnly ? true : null,
                SavePlan = first.Options.SavePlan,
                AutoApply = mayApply && first.Options.AutoApply,
                MayApply = mayApply,
                MayUseCredentials = admission.May(WorkspaceRight.RunWithCredentials) && !first.PlansWithoutCredentials,
                AllowEmptyApply = first.Options.AllowEmptyApply,
                AllowConfigGeneration = first.Options.AllowConfigGeneration,
                TargetAddresses = first.Options.TargetAddresses,
                ReplaceAddresses = first.Options.ReplaceAddresses,
            }, context.RequestAborted),
        };
        if (result.Run is { } again)
        {
            return Results.LocalRedirect(Links.Run(organization, workspace, again.Id.Value));
        }
        Notice.Refused(result.Refusal!).Leave(context);
        return Results.LocalRedirect(Links.Run(organization, workspace, run));
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
