using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>A reason, plain or as a document's attribute; or nothing at all.</summary>
public sealed record LockRequest
{
    public string? Reason { get; init; }

    public RequestResource<LockRequest>? Data { get; init; }
}

internal static class WorkspaceLocksApi
{
    public static void MapWorkspaceLocks(this IEndpointRouteBuilder api)
    {
        api.MapPost("/workspaces/{id}/actions/lock", LockAsync)
            .WithSummary("Lock a workspace").TakesPlain<LockRequest>().Returns<WorkspaceResource>();
        api.MapPost("/workspaces/{id}/actions/unlock", async (
            string id, HttpContext context, OrchestratorDbContext db, RunQueue queue, TimeProvider clock, WorkspaceResource workspaces) =>
        {
            if (await db.IsStatePendingAsync(new WorkspaceId(id), clock.GetUtcNow(), context.RequestAborted))
            {
                // The CLI waits and tries again when it reads these words.
                throw new ApiProblem(StatusCodes.Status503ServiceUnavailable, "service unavailable",
                    "Unable to unlock workspace. The latest state version is still pending.");
            }
            return await UnlockAsync(new WorkspaceId(id), context, db, queue, workspaces,
                workspace => db.UnlockAsync(workspace, Caller.Of(context).Actor, context.RequestAborted));
        })
            .WithSummary("Unlock a workspace that the caller has locked").Returns<WorkspaceResource>();
        api.MapPost("/workspaces/{id}/actions/force-unlock", (
            string id, HttpContext context, OrchestratorDbContext db, RunQueue queue, WorkspaceResource workspaces) => UnlockAsync(
                new WorkspaceId(id), context, db, queue, workspaces,
                workspace => db.ForceUnlockAsync(workspace, context.RequestAborted)))
            .WithSummary("Unlock a workspace that somebody else has locked").Returns<WorkspaceResource>();
    }

    private static async Task<IResult> LockAsync(
        string id, HttpContext context, OrchestratorDbContext db, TimeProvider clock, WorkspaceResource workspaces)
    {
        var body = await context.Request.ReadPlainAsync<LockRequest>();
        var reason = body.Reason ?? body.Data?.Attributes?.Reason ?? "";
        if (reason.Length > Workspace.MaxLockReasonLength)
        {
            throw ApiProblem.Invalid("reason", $"A reason has {Workspace.MaxLockReasonLength} characters at most.");
        }
        var workspace = await db.WorkspaceAsync(id, context.RequestAborted);
        var outcome = await db.LockAsync(workspace.Id, Caller.Of(context).Actor, reason, clock.GetUtcNow(), context.RequestAborted);
        return outcome == LockOutcome.Done
            ? await workspaces.ShowAsync(id, context)
            : throw ApiProblem.Conflict("Unable to lock workspace. The workspace is already locked.");
    }

    private static async Task<IResult> UnlockAsync(
        WorkspaceId id, HttpContext context, OrchestratorDbContext db, RunQueue queue, WorkspaceResource workspaces,
        Func<WorkspaceId, Task<LockOutcome>> unlock)
    {
        await db.WorkspaceAsync(id.Value, context.RequestAborted);
        if (await unlock(id) is not LockOutcome.Done and var outcome)
        {
            var holder = await db.Workspaces.Where(row => row.Id == id)
                .Select(row => new { row.LockedByRunId, row.LockedById })
                .FirstOrDefaultAsync(context.RequestAborted);
            // Clients tell these cases apart by exactly these words.
            throw ApiProblem.Conflict(outcome == LockOutcome.NotLocked
                ? "Unable to unlock workspace. The workspace is not locked."
                : $"Unable to unlock workspace. The workspace is locked by {People.KindOf(holder?.LockedByRunId?.Value ?? holder?.LockedById)}.");
        }
        await queue.AdvanceAsync(id, context.RequestAborted);
        return await workspaces.ShowAsync(id.Value, context);
    }
}
