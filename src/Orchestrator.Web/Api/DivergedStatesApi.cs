using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>An addition of this server: elsewhere nobody is told that a state lacks what an apply has done.</summary>
internal static class DivergedStatesApi
{
    public static void MapDivergedStates(this IEndpointRouteBuilder api) =>
        api.MapPost("/workspaces/{id}/actions/dismiss-diverged-state", async (
            string id, HttpContext context, OrchestratorDbContext db, WorkspaceResource workspaces) =>
        {
            var workspace = await db.WorkspaceAsync(id, context.RequestAborted);
            return await db.DismissDivergedStateAsync(workspace.Id, context.RequestAborted)
                ? await workspaces.ShowAsync(id, context)
                : throw ApiProblem.Conflict("The workspace's state has not diverged from what a run has done.");
        }).WithSummary("Say that a diverged state was mended").Returns<WorkspaceResource>();
}
