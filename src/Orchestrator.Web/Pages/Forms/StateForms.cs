using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The way back to a state, and a state as a file.</summary>
internal static class StateForms
{
    public static void MapStateForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/states/{state}/roll-back", RollBackAsync);
        forms.MapPost("/dismiss-diverged-state", DismissAsync);
    }

    public static void MapStateFiles(this IEndpointRouteBuilder site)
    {
        site.MapGet("/app/{organization}/{workspace}/states/{state}/download", DownloadAsync).AuditedDownload();
        site.MapGet("/app/{organization}/{workspace}/runs/{run}/errored-state", DownloadErroredAsync).AuditedDownload();
    }

    private static async Task<IResult> DismissAsync(
        string organization, string workspace, HttpContext context, Admission admission, OrchestratorDbContext db)
    {
        var dismissed = await db.DismissDivergedStateAsync(admission.Scope.Workspace!.Value, context.RequestAborted);
        (dismissed ? Notice.Done("The workspace says no more that its state has diverged.") : Notice.Refused("It did not say so any more.")).Leave(context);
        return Results.LocalRedirect(Links.Workspace(organization, workspace));
    }

    private static async Task<IResult> RollBackAsync(
        string organization, string workspace, string state, HttpContext context, Admission admission, StateRollback rollback)
    {
        var result = await rollback.RollBackAsync(
            admission.Scope.Workspace!.Value, new StateVersionId(state), new StateWriter(null, admission.Caller.Actor), context.RequestAborted);
        (result.Outcome switch
        {
            StateOutcome.Done => Notice.Done($"The state is #{result.Version!.Serial} now. Unlock the workspace and plan, to see what terraform would do about it."),
            StateOutcome.NotLockedByWriter => Notice.Refused("Lock the workspace first, so that no run writes a state meanwhile."),
            StateOutcome.NotPending => Notice.Refused("The workspace has no such state, or its document is gone."),
            StateOutcome.StaleSerial or StateOutcome.Superseded => Notice.Refused("Another state came in between. Look at it, then try again."),
            StateOutcome.OtherLineage or StateOutcome.Malformed => Notice.Refused("The document is not a state that could follow the current one."),
        }).Leave(context);
        return Results.LocalRedirect(Links.Workspace(organization, workspace, "states"));
    }

    private static async Task<IResult> DownloadErroredAsync(
        string organization, string workspace, string run, HttpContext context, Admission admission, OrchestratorDbContext db, IBlobStore blobs)
    {
        var here = admission.Scope.Workspace!.Value;
        return Identifier.TryParse<RunId>(run, out var id)
            && await db.Runs.AnyAsync(row => row.Id == id && row.WorkspaceId == here, context.RequestAborted)
            && await blobs.ReadAsync(BlobKey.ErroredState(id), context.RequestAborted) is { } state
                ? Results.File(state, "application/json", "errored.tfstate")
                : App.Show<NotFoundPage>(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> DownloadAsync(
        string organization, string workspace, string state, HttpContext context, Admission admission, OrchestratorDbContext db, StateStore states)
    {
        var here = admission.Scope.Workspace!.Value;
        return Identifier.TryParse<StateVersionId>(state, out var id)
            && await db.StateVersions.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.WorkspaceId == here, context.RequestAborted) is { } version
            && await states.ReadAsync(id, context.RequestAborted) is { } document
                ? Results.File(document, "application/json", $"{workspace}-{version.Serial}.tfstate")
                : App.Show<NotFoundPage>(StatusCodes.Status404NotFound);
    }
}
