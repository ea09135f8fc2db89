using Orchestrator.Runs;

namespace Orchestrator.Web.Hosting;

/// <summary>For load balancers and people: alive, and ready. They tell no version and no secret.</summary>
internal static class HealthEndpoints
{
    public const string AlivePath = "/healthz";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AlivePath, () => Results.Text("alive\n")).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/readyz", async (HealthChecks health, CancellationToken cancellationToken) =>
        {
            var checks = await health.ReadAsync(cancellationToken);
            return Results.Json(checks, statusCode: HealthChecks.IsReady(checks) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(StateApiWitness.Path, (DatabaseSight sight) => Results.Json(DatabaseSighting.Of(sight), DatabaseSighting.Json.Default.DatabaseSighting))
            .AllowAnonymous().ExcludeFromDescription();
    }
}
