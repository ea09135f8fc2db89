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
        if (caller.MayReadState(workspace))
        {
            return;
        }
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        if (caller.RunToken is not { } token || !await db.MayReadStateAsync(token.WorkspaceId, workspace, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
    }
}
