using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;

namespace Orchestrator.Web.Pages.VariableSets;

internal static class VariableSetQueries
{
    /// <summary>By what stands in the address; null when the organisation has no such set.</summary>
    public static Task<VariableSet?> FindVariableSetAsync(
        this OrchestratorDbContext db, string organization, string id, CancellationToken cancellationToken) =>
        Identifier.TryParse<VariableSetId>(id, out var wanted)
            ? (from set in db.VariableSets.AsNoTracking()
               join owner in db.Organizations on set.OrganizationId equals owner.Id
               where owner.Name == organization && set.Id == wanted
               select set).FirstOrDefaultAsync(cancellationToken)
            : Task.FromResult<VariableSet?>(null);
}
