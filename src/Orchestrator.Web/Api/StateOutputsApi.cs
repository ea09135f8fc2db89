using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

/// <summary>Outputs without the rest of the state. Lists keep sensitive values to themselves; each is told when it is asked for alone.</summary>
internal static class StateOutputsApi
{
    /// <summary>What a run's terraform may ask, too: of its own workspace, and of those that share their state with it.</summary>
    public static void MapCurrentOutputs(this IEndpointRouteBuilder api)
    {
        // The CLI reads one page only.
        api.MapGet("/workspaces/{id}/current-state-version-outputs", async (
            string id, HttpContext context, StateStore states, OrchestratorDbContext db, StateOutputResource outputs) =>
        {
            await context.RequireCurrentStateAsync(new WorkspaceId(id));
            var current = await states.CurrentAsync(new WorkspaceId(id), context.RequestAborted) ?? throw ApiProblem.NotFound();
            return await outputs.ShowPageOrAllAsync(OutputsOf(current, db), context);
        }).WithSummary("List the current outputs of a workspace").ReturnsPage<StateOutputResource>();
        api.MapGet("/state-version-outputs/{id}", async (
            string id, HttpContext context, OrchestratorDbContext db, StateOutputResource outputs) =>
        {
            var output = await StateOutputResource.View(db.StateOutputs.AsNoTracking().Where(row => row.Id == new StateOutputId(id)), db)
                .FirstOrDefaultAsync(context.RequestAborted) ?? throw ApiProblem.NotFound();
            if (!Caller.Of(context).MayReadState(output.WorkspaceId))
            {
                // What is shared is the current state alone.
                StateVersionsApi.Require(await db.Workspaces.AnyAsync(
                    row => row.Id == output.WorkspaceId && row.CurrentStateVersionId == output.Output.StateVersionId, context.RequestAborted));
                await context.RequireCurrentStateAsync(output.WorkspaceId);
            }
            return await outputs.ShowAsync(output with { IsRevealed = true }, context);
        }).WithSummary("Show an output, also a sensitive one").Returns<StateOutputResource>().Audited("read");
    }

    public static void MapStateOutputs(this IEndpointRouteBuilder api) =>
        api.MapGet("/state-versions/{id}/outputs", async (
                string id, HttpContext context, OrchestratorDbContext db, StateOutputResource outputs) =>
                await outputs.ShowPageAsync(OutputsOf(await StateVersionsApi.FindAsync(id, context, db), db), context))
            .WithSummary("List the outputs of a state").ReturnsPage<StateOutputResource>();

    private static IQueryable<StateOutputView> OutputsOf(StateVersion version, OrchestratorDbContext db) =>
        version.OutputCount <= StateVersion.MaxListedOutputs
            ? StateOutputResource.View(
                db.StateOutputs.AsNoTracking().Where(output => output.StateVersionId == version.Id).OrderBy(output => output.Name), db)
            : throw new ApiProblem(StatusCodes.Status422UnprocessableEntity, "too many outputs",
                $"The state has {version.OutputCount} outputs, more than can be listed. Download the state and read them there.");
}
