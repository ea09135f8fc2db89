using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>Deletes a workspace for somebody who has typed its name.</summary>
internal static class RemovalForm
{
    public static async Task<IResult> RemoveAsync(
        string organization, string workspace, HttpContext context, Admission admission, OrchestratorDbContext db, WorkspaceRemoval removal)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var back = Results.LocalRedirect(Links.Workspace(organization, workspace, "settings") + "#danger-title");
        if (!string.Equals(form["name"].ToString().Trim(), workspace, StringComparison.Ordinal))
        {
            Notice.Refused($"That is not its name. Nothing was deleted: type {workspace} to delete it.").Leave(context);
            return back;
        }
        var force = form["force"].Count > 0;
        var id = admission.Scope.Workspace!.Value;
        if (force && !admission.May(OrganizationRight.Delete)
            && !await db.Organizations.AnyAsync(row => row.Id == admission.Scope.Organization && row.AllowForceDeleteWorkspaces, context.RequestAborted))
        {
            Notice.Refused("Only owners delete a workspace that manages resources, in this organization. Destroy them first.").Leave(context);
            return back;
        }
        var outcome = await removal.RemoveAsync(id, force ? RemovalCare.Force : RemovalCare.Safe, context.RequestAborted);
        if (outcome is RemovalOutcome.Removed or RemovalOutcome.NotFound)
        {
            Notice.Done($"{workspace} was deleted.").Leave(context);
            return Results.LocalRedirect(Links.Organization(organization));
        }
        Notice.Refused(outcome switch
        {
            RemovalOutcome.LockedByRun => "A run is at work in it. Cancel the run, or wait for its end.",
            RemovalOutcome.Locked => "It is locked. Unlock it first.",
            RemovalOutcome.StatePending => "A state is on its way. Try again in a moment.",
            _ => "Terraform manages resources in it, of which nobody would know any more. Destroy them first, or say that they are to be forgotten.",
        }).Leave(context);
        return back;
    }
}
