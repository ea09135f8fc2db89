using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Access;

/// <summary>What a run may read beyond its own workspace: another one's document, current state and outputs, where that one shares them.
/// Everything else keeps to <see cref="Caller.MayReadState"/>.</summary>
internal static class SharedStates
{
    /// <exception cref="ApiProblem">The caller may not read the workspace's current state.</exception>
    public static Task RequireCurrentStateAsync(this HttpContext context, WorkspaceId workspace) =>
        RequireAsync(context, workspace, Caller.Of(context).MayReadState(workspace));

    /// <exception cref="ApiProblem">The workspace is none that the caller may meet.</exception>
    public static Task RequireShownAsync(this HttpContext context, WorkspaceId workspace) =>
        RequireAsync(context, workspace, Caller.Of(context).MayMeet(workspace));

    private static async Task RequireAsync(HttpContext context, WorkspaceId workspace, bool isOwn)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        if (!isOwn && !await db.IsSharedAsync(Caller.Of(context), workspace, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
    }

    /// <summary>The caller is a run whose workspace the other one shares its state with.</summary>
    public static async Task<bool> IsSharedAsync(
        this OrchestratorDbContext db, Caller caller, WorkspaceId workspace, CancellationToken cancellationToken) =>
        caller.RunToken is { MayReadState: true } token && await db.MayReadStateAsync(token.WorkspaceId, workspace, cancellationToken);
}
