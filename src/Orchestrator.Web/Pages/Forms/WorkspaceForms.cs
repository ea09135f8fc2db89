using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Variables;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The workspace's lock, and its variables' delete buttons.</summary>
internal static class WorkspaceForms
{
    public static void MapWorkspaceForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/lock", LockAsync);
        forms.MapPost("/unlock", (string organization, string workspace, HttpContext context, Admission admission, OrchestratorDbContext db, RunQueue queue) =>
            UnlockAsync(organization, workspace, context, admission, queue, id => db.UnlockAsync(id, admission.Caller.Actor, context.RequestAborted)));
        forms.MapPost("/force-unlock", (string organization, string workspace, HttpContext context, Admission admission, OrchestratorDbContext db, RunQueue queue) =>
            UnlockAsync(organization, workspace, context, admission, queue, id => db.ForceUnlockAsync(id, context.RequestAborted)));
        forms.MapPost("/variables/{variable}/delete", DeleteVariableAsync);
        forms.MapPost("/triggers/{trigger}/delete", DeleteTriggerAsync);
    }

    private static async Task<IResult> LockAsync(
        string organization, string workspace, HttpContext context, Admission admission, OrchestratorDbContext db, TimeProvider clock)
    {
        var reason = (await context.Request.ReadFormAsync(context.RequestAborted))["reason"].ToString().Trim();
        if (reason.Length > Workspace.MaxLockReasonLength)
        {
            Notice.Refused($"A reason has {Workspace.MaxLockReasonLength} characters at most.").Leave(context);
            return Back(organization, workspace);
        }
        var outcome = await db.LockAsync(admission.Scope.Workspace!.Value, admission.Caller.Actor, reason, clock.GetUtcNow(), context.RequestAborted);
        (outcome == LockOutcome.Done
            ? Notice.Done("Locked: no run starts until it is unlocked.")
            : Notice.Refused("The workspace is locked already.")).Leave(context);
        return Back(organization, workspace);
    }

    private static async Task<IResult> UnlockAsync(
        string organization, string workspace, HttpContext context, Admission admission, RunQueue queue, Func<WorkspaceId, Task<LockOutcome>> unlock)
    {
        var here = admission.Scope.Workspace!.Value;
        var outcome = await unlock(here);
        (outcome switch
        {
            LockOutcome.Done => Notice.Done("Unlocked: waiting runs go on."),
            LockOutcome.NotLocked => Notice.Refused("The workspace is not locked."),
            LockOutcome.HeldByAnother => Notice.Refused("Somebody else, or a run, holds the lock."),
        }).Leave(context);
        await queue.AdvanceAsync(here, context.RequestAborted);
        return Back(organization, workspace);
    }

    private static async Task<IResult> DeleteVariableAsync(
        string organization, string workspace, string variable, HttpContext context, Admission admission, OrchestratorDbContext db, VariableStore store)
    {
        context.Audit().Say("key", await db.VariablesOf(admission.Scope.Workspace!.Value).Where(row => row.Id == new VariableId(variable))
            .Select(row => row.Key).FirstOrDefaultAsync(context.RequestAborted));
        var deleted = await store.DeleteAsync(admission.Scope.Workspace!.Value, new VariableId(variable), context.RequestAborted);
        (deleted ? Notice.Done("The variable was deleted.") : Notice.Refused("The variable was gone already.")).Leave(context);
        return Results.LocalRedirect(Links.Workspace(organization, workspace, "variables"));
    }

    private static async Task<IResult> DeleteTriggerAsync(
        string organization, string workspace, string trigger, HttpContext context, Admission admission, OrchestratorDbContext db)
    {
        var (id, here) = (new RunTriggerId(trigger), admission.Scope.Workspace!.Value);
        var deleted = await db.RunTriggers.Where(row => row.Id == id && row.WorkspaceId == here).ExecuteDeleteAsync(context.RequestAborted);
        (deleted == 1 ? Notice.Done("Applies there start nothing here any more.") : Notice.Refused("The workspace did not follow it any more.")).Leave(context);
        return Results.LocalRedirect(Links.Triggers(organization, workspace));
    }

    private static IResult Back(string organization, string workspace) => Results.LocalRedirect(Links.Workspace(organization, workspace));
}
