using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

internal static class Saving
{
    /// <summary>Saves a row whose name must be free. The check before may have been overtaken; the index was not.</summary>
    /// <exception cref="ApiProblem">The name is taken.</exception>
    public static async Task SaveNewAsync(this OrchestratorDbContext db, string attribute, CancellationToken cancellationToken)
    {
        if (!await db.TrySaveAsync(cancellationToken))
        {
            throw ApiProblem.Invalid(attribute, $"{char.ToUpperInvariant(attribute[0])}{attribute[1..]} has already been taken");
        }
    }
}
