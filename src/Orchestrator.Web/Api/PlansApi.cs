using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Api;

public sealed record PlanAttributes(
    string Status, bool HasChanges, bool GeneratedConfiguration, string LogReadUrl, int? ResourceAdditions, int? ResourceChanges,
    int? ResourceDestructions, int? ResourceImports, int? ResourceMoves, bool StructuredRunOutputEnabled,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps);

public sealed record ApplyAttributes(
    string Status, string LogReadUrl, int? ResourceAdditions, int? ResourceChanges, int? ResourceDestructions, int? ResourceImports,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps);

internal static class PlansApi
{
    public static void MapPlansAndApplies(this IEndpointRouteBuilder api)
    {
        api.MapGet("/plans/{id}", async (string id, HttpContext context, OrchestratorDbContext db, LogLinks logs) =>
            JsonApiResult.Ok(MapPlan(await FindPlanAsync(db, id, context.RequestAborted), logs, context)));
        api.MapGet("/runs/{id}/plan", async (string id, HttpContext context, OrchestratorDbContext db, LogLinks logs) =>
            await db.Plans.AsNoTracking().FirstOrDefaultAsync(plan => plan.RunId == new RunId(id), context.RequestAborted) is { } plan
                ? JsonApiResult.Ok(MapPlan(plan, logs, context))
                : throw ApiProblem.NotFound());
        api.MapGet("/plans/{id}/json-output", async (string id, OrchestratorDbContext db, IBlobStore blobs, CancellationToken cancellationToken) =>
        {
            var plan = await FindPlanAsync(db, id, cancellationToken);
            return await blobs.ReadAsync(BlobKey.PlanJson(plan.RunId), cancellationToken) is { } json
                ? Results.Bytes(json, "application/json")
                : Results.NoContent();
        });
        api.MapGet("/applies/{id}", async (string id, HttpContext context, OrchestratorDbContext db, LogLinks logs) =>
            await db.Applies.AsNoTracking().FirstOrDefaultAsync(apply => apply.Id == new ApplyId(id), context.RequestAborted) is { } apply
                ? JsonApiResult.Ok(MapApply(apply, logs, context))
                : throw ApiProblem.NotFound());
        api.MapGet("/applies/{id}/errored-state", ShowErroredStateAsync);
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

    private static Resource<PlanAttributes> MapPlan(Plan plan, LogLinks logs, HttpContext context) => new(
        plan.Id.Value, "plans", new PlanAttributes(
            EnumText.Of(plan.Status), plan.HasChanges, GeneratedConfiguration: false, logs.Make(context, LinkKind.PlanLog, plan.RunId),
            plan.Additions, plan.Changes, plan.Destructions, plan.Imports, plan.Moves, StructuredRunOutputEnabled: false, Timestamps(plan)))
    {
        Relationships = new Dictionary<string, Relationship> { ["state-versions"] = Relationship.Many("state-versions", []) },
        Links = new Dictionary<string, string>
        {
            ["self"] = $"{ApiRoutes.Root}/plans/{plan.Id}",
            ["json-output"] = $"{ApiRoutes.Root}/plans/{plan.Id}/json-output",
        },
    };

    private static Resource<ApplyAttributes> MapApply(Apply apply, LogLinks logs, HttpContext context) => new(
        apply.Id.Value, "applies", new ApplyAttributes(
            EnumText.Of(apply.Status), logs.Make(context, LinkKind.ApplyLog, apply.RunId),
            apply.Additions, apply.Changes, apply.Destructions, apply.Imports, Timestamps(apply)))
    {
        Relationships = new Dictionary<string, Relationship> { ["state-versions"] = Relationship.Many("state-versions", []) },
        Links = new Dictionary<string, string> { ["self"] = $"{ApiRoutes.Root}/applies/{apply.Id}" },
    };

    private static Dictionary<string, DateTimeOffset> Timestamps(PhaseRecord phase)
    {
        var timestamps = new Dictionary<string, DateTimeOffset>();
        Add("queued-at", phase.QueuedAt);
        Add("started-at", phase.StartedAt);
        Add(phase.Status switch
        {
            PhaseStatus.Errored => "errored-at",
            PhaseStatus.Canceled => "canceled-at",
            _ => "finished-at",
        }, phase.FinishedAt);
        return timestamps;

        void Add(string name, DateTimeOffset? at)
        {
            if (at is { } known)
            {
                timestamps[name] = known;
            }
        }
    }

    /// <summary>Makes the links under which clients read logs.</summary>
    internal sealed class LogLinks(SignedLinks links)
    {
        public string Make(HttpContext context, LinkKind kind, RunId run) => context.AbsoluteUrl(
            $"{ApiRoutes.Root}/logs/{(kind == LinkKind.PlanLog ? "plans" : "applies")}/{links.Make(kind, run.Value, Caller.Of(context))}");
    }
}
