using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

internal static class PlansApi
{
    public static void MapPlansAndApplies(this IEndpointRouteBuilder api)
    {
        api.MapGet("/plans/{id}", (string id, HttpContext context, PlanResource plans) => plans.ShowAsync(id, context))
            .WithSummary("Show a plan").Returns<PlanResource>();
        api.MapGet("/runs/{id}/plan", async (string id, HttpContext context, OrchestratorDbContext db, PlanResource plans) => await plans.ShowAsync(
            await db.Plans.AsNoTracking().Where(plan => plan.RunId == new RunId(id)).WithPlace(db).FirstOrDefaultAsync(context.RequestAborted), context))
            .WithSummary("Show the plan of a run").Returns<PlanResource>();
        MapContent(api, "json-output", "a plan as terraform writes it in JSON", async (run, blobs, cancellationToken) =>
            await blobs.ReadAsync(BlobKey.PlanJson(run), cancellationToken), route => route.AuditedDownload());
        MapContent(api, "json-output-redacted", "a plan without its sensitive values", ReadRedactedAsync);
        // They are kept for the runs whose plan somebody draws again: saved ones, and those that generate configuration.
        MapContent(api, "json-schema", "the schemas of a plan's providers, where they are kept", async (run, blobs, cancellationToken) =>
            await blobs.ReadAsync(BlobKey.PlanSchemas(run), cancellationToken));
        api.MapGet("/applies/{id}", (string id, HttpContext context, ApplyResource applies) => applies.ShowAsync(id, context))
            .WithSummary("Show an apply").Returns<ApplyResource>();
        api.MapGet("/applies/{id}/errored-state", ShowErroredStateAsync)
            .WithSummary("Fetch the state that an apply could not store").ReturnsBytes("application/json").AuditedDownload();
    }

    /// <summary>What is kept of a plan, by the plan's id and by its run's. Nothing yet: no content.</summary>
    private static void MapContent(
        IEndpointRouteBuilder api, string name, string what, Func<RunId, IBlobStore, CancellationToken, Task<byte[]?>> read,
        Action<RouteHandlerBuilder>? also = null)
    {
        var byPlan = api.MapGet($"/plans/{{id}}/{name}", async (string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken) =>
        {
            var plan = await db.Plans.AsNoTracking().FirstOrDefaultAsync(row => row.Id == new PlanId(id), cancellationToken) ?? throw ApiProblem.NotFound();
            return await ShowAsync(db, plan.RunId, await read(plan.RunId, blobs, cancellationToken), cancellationToken);
        }).WithSummary($"Fetch {what}").ReturnsBytes("application/json").ReturnsNothing();
        var byRun = api.MapGet($"/runs/{{id}}/plan/{name}", async (string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken) =>
        {
            await db.RequireRunAsync(id, cancellationToken);
            return await ShowAsync(db, new RunId(id), await read(new RunId(id), blobs, cancellationToken), cancellationToken);
        }).WithSummary($"Fetch {what}, by its run").ReturnsBytes("application/json").ReturnsNothing();
        also?.Invoke(byPlan);
        also?.Invoke(byRun);

        static async Task<IResult> ShowAsync(OrchestratorDbContext db, RunId id, byte[]? json, CancellationToken cancellationToken)
        {
            if (json is not null)
            {
                return Results.Bytes(json, "application/json");
            }
            return await db.Runs.Where(run => run.Id == id).Select(run => run.PlanRemovedAt).FirstOrDefaultAsync(cancellationToken) is { } removed
                ? throw ApiProblem.Removed(FormattableString.Invariant($"This plan was removed by the retention policy on {removed:yyyy-MM-dd}."))
                : Results.NoContent();
        }
    }

    /// <summary>As clients take it that draw the plan themselves.</summary>
    private static async Task<byte[]?> ReadRedactedAsync(RunId run, IBlobStore blobs, CancellationToken cancellationToken)
    {
        var schemas = await blobs.ReadAsync(BlobKey.PlanSchemas(run), cancellationToken);
        return await blobs.ReadAsync(BlobKey.PlanJson(run), cancellationToken) is { } json
            ? RedactedPlan.Of(json, schemas is null ? default(ReadOnlyMemory<byte>?) : schemas)
            : null;
    }

    /// <summary>What an apply left behind when its last state could not be stored.</summary>
    private static async Task<IResult> ShowErroredStateAsync(string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken)
    {
        var run = await db.Applies.Where(apply => apply.Id == new ApplyId(id)).Select(apply => (RunId?)apply.RunId).FirstOrDefaultAsync(cancellationToken);
        return run is { } known && await blobs.ReadAsync(BlobKey.ErroredState(known), cancellationToken) is { } state
            ? Results.Bytes(state, "application/json")
            : throw ApiProblem.NotFound();
    }
}
