using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Terraform;

namespace Orchestrator.Web.Hosting;

/// <summary>What this process needs, each with <c>ok</c> or what is wrong. It tells no version and no secret.</summary>
internal sealed class HealthChecks(
    IDbContextFactory<OrchestratorDbContext> databases, DataDirectory data, Sandbox sandbox, TerraformEngine engine)
{
    /// <summary>Runs can be carried out; the other checks say how safely.</summary>
    public static bool IsReady(IReadOnlyDictionary<string, string> checks) =>
        checks["database"] == "ok" && checks["storage"] == "ok" && checks["engine"] == "ok";

    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken) => new Dictionary<string, string>
    {
        ["database"] = await DatabaseAsync(cancellationToken),
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

    private async Task<string> DatabaseAsync(CancellationToken cancellationToken)
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
