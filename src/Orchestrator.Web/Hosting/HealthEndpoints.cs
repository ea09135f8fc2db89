using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Terraform;

namespace Orchestrator.Web.Hosting;

/// <summary>For load balancers and people: alive, and ready. They tell no version and no secret.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("alive\n")).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/readyz", async (
            IDbContextFactory<OrchestratorDbContext> databases, DataDirectory data, Sandbox sandbox, TerraformEngine engine, CancellationToken cancellationToken) =>
        {
            var checks = new Dictionary<string, string>
            {
                ["database"] = await DatabaseAsync(databases, cancellationToken),
                ["storage"] = Writable(data.Runs),
                ["engine"] = File.Exists(engine.Path) ? "ok" : "missing",
                ["sandbox"] = sandbox.Isolation switch
                {
                    Isolation.Sandbox => "ok",
                    Isolation.User => "missing: a user for each run",
                    Isolation.None => "off",
                },
                ["metadata"] = sandbox.Network.Metadata ? "blocked" : "open",
                ["private-addresses"] = sandbox.Network.PrivateAddresses ? "blocked" : "open",
            };
            var ready = checks["database"] == "ok" && checks["storage"] == "ok" && checks["engine"] == "ok";
            return Results.Json(checks, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<string> DatabaseAsync(IDbContextFactory<OrchestratorDbContext> databases, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            return await db.Database.CanConnectAsync(cancellationToken) ? "ok" : "unreachable";
        }
        catch (System.Data.Common.DbException)
        {
            return "unreachable";
        }
    }

    private static string Writable(string directory)
    {
        try
        {
            var probe = Path.Combine(directory, $".probe-{Guid.NewGuid():N}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return "ok";
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return "not writable";
        }
    }
}
