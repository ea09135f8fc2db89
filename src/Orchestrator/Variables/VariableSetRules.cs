using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>The rules that look at more than one row. Whoever changes an organisation's sets holds it meanwhile, so that what they have
/// looked at stays so until they commit.</summary>
internal static class VariableSetRules
{
    /// <summary>Waits until nobody else in the organisation changes sets. Ends with the transaction.</summary>
    /// <returns>False when there is no such organisation.</returns>
    public static async Task<bool> HoldAsync(this OrchestratorDbContext db, OrganizationId id, CancellationToken cancellationToken) =>
        // An update of nothing locks the row all the same.
        await db.Organizations.Where(row => row.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Email, row => row.Email), cancellationToken) == 1;

    /// <returns>The set, to be changed; null when there is none.</returns>
    public static async Task<VariableSet?> HoldAsync(this OrchestratorDbContext db, VariableSetId id, CancellationToken cancellationToken)
    {
        var owner = await db.VariableSets.Where(row => row.Id == id).Select(row => row.OrganizationId).ToListAsync(cancellationToken);
        return owner.Count == 1 && await db.HoldAsync(owner[0], cancellationToken)
            ? await db.VariableSets.FirstOrDefaultAsync(row => row.Id == id, cancellationToken)
            : null;
    }

    /// <summary>Among global sets no name would decide which value is meant, for they all reach everybody.</summary>
    /// <returns>What a global set shares with another, in a sentence; null when there is nothing.</returns>
    public static async Task<string?> FindRivalAsync(this OrchestratorDbContext db, VariableSet set, CancellationToken cancellationToken)
    {
        if (!set.Global)
        {
            return null;
        }
        var shared = await (
            from mine in db.Variables
            where mine.VariableSetId == set.Id
            join others in db.Variables on new { mine.Category, mine.Key } equals new { others.Category, others.Key }
            join other in db.VariableSets on others.VariableSetId equals other.Id
            where other.OrganizationId == set.OrganizationId && other.Global && other.Id != set.Id
            orderby mine.Key
            select new { mine.Category, mine.Key, other.Name }).FirstOrDefaultAsync(cancellationToken);
        return shared is null
            ? null
            : $"The global set '{shared.Name}' holds the {EnumText.Of(shared.Category)} variable '{shared.Key}', too. Two global sets cannot hold the same variable.";
    }
}
