using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Organizations;

namespace Orchestrator.Runs;

/// <summary>An organisation's own rules of retention, which go before the installation's, kind by kind.</summary>
public sealed class RetentionRules(IDbContextFactory<OrchestratorDbContext> databases)
{
    /// <returns>Null when it has none of its own.</returns>
    public async Task<IReadOnlyDictionary<RetainedKind, KeptFor>?> FindAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rules = await db.RetentionRules.AsNoTracking().Where(rule => rule.OrganizationId == organization).ToListAsync(cancellationToken);
        return rules.Count == 0 ? null : rules.ToDictionary(rule => rule.Kind, rule => new KeptFor(rule.Days, rule.Count));
    }

    /// <param name="rules">A kind without days and count is kept for ever. Null: as the installation says.</param>
    /// <returns>Why not, in a sentence; null when it is done.</returns>
    public async Task<string?> SetAsync(OrganizationId organization, IReadOnlyDictionary<RetainedKind, KeptFor>? rules, CancellationToken cancellationToken)
    {
        if (rules?.Values.Any(rule => rule.Days is < 1 or > RetentionRule.MaxDays) == true)
        {
            return $"A number of days is from 1 to {RetentionRule.MaxDays}.";
        }
        if (rules?.Values.Any(rule => rule.Count is < 1 or > RetentionRule.MaxCount) == true)
        {
            return $"How many are kept is from 1 to {RetentionRule.MaxCount}.";
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.RetentionRules.Where(rule => rule.OrganizationId == organization).ExecuteDeleteAsync(cancellationToken);
        db.RetentionRules.AddRange((rules ?? new Dictionary<RetainedKind, KeptFor>()).Select(rule => new RetentionRule
        {
            OrganizationId = organization, Kind = rule.Key, Days = rule.Value.Days, Count = rule.Value.Count,
        }));
        // Of two who do this at once, the index lets one through.
        if (!await db.TrySaveAsync(cancellationToken))
        {
            return "Somebody else has changed the policy at the same moment. Look at it, and try again.";
        }
        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}
