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
            await db.Plans.AsNoTracking().FirstOrDefaultAsync(plan => plan.RunId == new RunId(id), context.RequestAborted), context))
            .WithSummary("Show the plan of a run").Returns<PlanResource>();
        api.MapGet("/plans/{id}/json-output", async (string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken) =>
        {
            var plan = await FindPlanAsync(db, id, cancellationToken);
            return await blobs.ReadAsync(BlobKey.PlanJson(plan.RunId), cancellationToken) is { } json
                ? Results.Bytes(json, "application/json")
                : Results.NoContent();
        }).WithSummary("Fetch a plan as terraform writes it in JSON").ReturnsBytes("application/json").ReturnsNothing().AuditedDownload();
        api.MapGet("/plans/{id}/json-output-redacted", async (string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken) =>
            await ShowRedactedAsync((await FindPlanAsync(db, id, cancellationToken)).RunId, blobs, cancellationToken))
            .WithSummary("Fetch a plan without its sensitive values").ReturnsBytes("application/json").ReturnsNothing();
        api.MapGet("/runs/{id}/plan/json-output-redacted", async (string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken) =>
        {
            await db.RequireRunAsync(id, cancellationToken);
            return await ShowRedactedAsync(new RunId(id), blobs, cancellationToken);
        }).WithSummary("Fetch the plan of a run without its sensitive values").ReturnsBytes("application/json").ReturnsNothing();
        api.MapGet("/applies/{id}", (string id, HttpContext context, ApplyResource applies) => applies.ShowAsync(id, context))
            .WithSummary("Show an apply").Returns<ApplyResource>();
        api.MapGet("/applies/{id}/errored-state", ShowErroredStateAsync)
            .WithSummary("Fetch the state that an apply could not store").ReturnsBytes("application/json").AuditedDownload();
    }

    /// <summary>As clients take it that draw the plan themselves.</summary>
    private static async Task<IResult> ShowRedactedAsync(RunId run, IBlobStore blobs, CancellationToken cancellationToken)
    {
        var schemas = await blobs.ReadAsync(BlobKey.PlanSchemas(run), cancellationToken);
        return await blobs.ReadAsync(BlobKey.PlanJson(run), cancellationToken) is { } json
            ? Results.Bytes(RedactedPlan.Of(json, schemas is null ? default(ReadOnlyMemory<byte>?) : schemas), "application/json")
            : Results.NoContent();
    }

    /// <summary>What an apply left behind when its last state could not be stored.</summary>
    private static async Task<IResult> ShowErroredStateAsync(string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken)
    {
        var run = await db.Applies.Where(apply => apply.Id == new ApplyId(id)).Select(apply => (RunId?)apply.RunId).FirstOrDefaultAsync(cancellationToken);
        return run is { } known && await blobs.ReadAsync(BlobKey.ErroredState(known), cancellationToken) is { } state
            ? Results.Bytes(state, "application/json")
            : throw ApiProblem.NotFound();
    }

    private static async Task<Plan> FindPlanAsync(OrchestratorDbContext db, string id, CancellationToken cancellationToken) =>
        await db.Plans.AsNoTracking().FirstOrDefaultAsync(plan => plan.Id == new PlanId(id), cancellationToken) ?? throw ApiProblem.NotFound();
}
