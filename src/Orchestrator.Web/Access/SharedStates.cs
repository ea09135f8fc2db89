using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Access;

/// <summary>What a run may read beyond its own workspace: another one's document, current state and outputs, where that one shares them.
/// Everything else keeps to <see cref="Caller.MayReadState"/>.</summary>
internal static class SharedStates
{
    /// <exception cref="ApiProblem">The caller may not read the workspace's current state.</exception>
    public static async Task RequireCurrentStateAsync(this HttpContext context, WorkspaceId workspace)
    {
        var caller = Caller.Of(context);
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        if (!caller.MayReadState(workspace) && !await db.IsSharedAsync(caller, workspace, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
    }

    /// <summary>The caller is a run whose workspace the other one shares its state with.</summary>
    public static async Task<bool> IsSharedAsync(
        this OrchestratorDbContext db, Caller caller, WorkspaceId workspace, CancellationToken cancellationToken) =>
        caller.RunToken is { } token && await db.MayReadStateAsync(token.WorkspaceId, workspace, cancellationToken);
}
