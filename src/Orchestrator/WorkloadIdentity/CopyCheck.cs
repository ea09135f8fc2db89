using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>Compares a published copy of the issuer's documents with what this installation publishes now.</summary>
public sealed class CopyCheck(IssuerDocuments documents, PublishedCopy copy, IDbContextFactory<OrchestratorDbContext> databases)
{
    /// <returns>What is wrong with the copy, a sentence each; none when it is current.</returns>
    public async Task<IReadOnlyList<string>> CompareAsync(string address, CancellationToken cancellationToken)
    {
        var found = await copy.ReadAsync(address, cancellationToken);
        if (found is not { Discovery: { } discovery, KeySet: { } keySet })
        {
            return [found.Problem!];
        }
        var ours = await documents.ReadAsync(cancellationToken);
        return [.. CompareDiscovery(discovery, ours.Discovery), .. await CompareKeysAsync(keySet, ours.KeySet, cancellationToken)];
    }

    private static IEnumerable<string> CompareDiscovery(DiscoveryDocument found, DiscoveryDocument ours)
    {
        if (found.Issuer != ours.Issuer)
        {
            yield return $"It is for the issuer '{found.Issuer}', and tokens are signed for '{ours.Issuer}'.";
        }
        if (found.KeySetUri != ours.KeySetUri)
        {
            yield return $"It sends readers to '{found.KeySetUri}' for the keys, not to '{ours.KeySetUri}'.";
        }
        foreach (var algorithm in ours.SigningAlgorithms.Except(found.SigningAlgorithms ?? []))
        {
            yield return $"It does not name the algorithm {algorithm}.";
        }
    }

    private async Task<IEnumerable<string>> CompareKeysAsync(KeySetDocument found, KeySetDocument ours, CancellationToken cancellationToken)
    {
        var missing = ours.Keys.Except(found.Keys).Select(key => $"The key {key.Kid} is missing, or differs.").ToList();
        var foreign = found.Keys.Select(key => key.Kid).Except(ours.Keys.Select(key => key.Kid)).ToArray();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var retired = await db.SigningKeys.Where(key => foreign.Contains(key.Kid)).Select(key => key.Kid).ToListAsync(cancellationToken);
        return
        [
            .. missing,
            .. foreign.Select(kid => retired.Contains(kid)
                ? $"The key {kid} is retired, and still there."
                : $"The key {kid} is none of this installation's."),
        ];
    }
}
