using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Data.Audit;

/// <summary>What looking through the whole chain has shown.</summary>
/// <param name="Entries">How many entries are right, from the oldest one that is kept.</param>
/// <param name="Problem">A sentence; null when the chain is whole.</param>
/// <param name="BrokenAt">The first entry that is not as it was written; null when none is, or when it is the end that is missing.</param>
/// <param name="Head">The last entry's number and hash, to be noted somewhere else.</param>
public sealed record AuditVerdict(long Entries, string? Problem, long? BrokenAt, long Head, string HeadHash)
{
    public bool IsWhole => Problem is null;
}

/// <summary>Follows the chain from its anchor to its head.</summary>
public sealed class AuditVerification(IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets)
{
    /// <param name="known">A head that was noted earlier: the chain must still have it. Null: nothing was noted.</param>
    public async Task<AuditVerdict> VerifyAsync((long Sequence, string Hash)? known, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        while (true)
        {
            // What is appended meanwhile is not looked at. What is trimmed meanwhile would be missed, so it is looked through again.
            var chain = await db.AuditChains.AsNoTracking().SingleAsync(cancellationToken);
            var verdict = await VerifyAsync(db, chain, known, cancellationToken);
            if (verdict.IsWhole || !await db.AuditChains.AnyAsync(now => now.Anchor != chain.Anchor, cancellationToken))
            {
                return verdict;
            }
        }
    }

    private async Task<AuditVerdict> VerifyAsync(
        OrchestratorDbContext db, AuditChain chain, (long Sequence, string Hash)? known, CancellationToken cancellationToken)
    {
        if (!chain.IsSealed(secrets))
        {
            return Verdict(0, null, "The ends of the audit trail were not written by this installation, or its key ring has lost the key.");
        }
        var (next, hash, count) = (chain.Anchor + 1, chain.AnchorHash, 0L);
        var entries = db.AuditEntries.AsNoTracking().Where(entry => entry.Sequence <= chain.Head).OrderBy(entry => entry.Sequence).AsAsyncEnumerable();
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            if (Fault(entry, next, hash) is { } fault)
            {
                return Verdict(count, Math.Min(next, entry.Sequence), fault);
            }
            if (known?.Sequence == entry.Sequence && !IsHash(known.Value.Hash, entry.Hash))
            {
                return Verdict(count, entry.Sequence, $"Entry {entry.Sequence} is another one than was noted.");
            }
            (next, hash, count) = (next + 1, entry.Hash, count + 1);
        }
        return next != chain.Head + 1 ? Verdict(count, null, $"The entries from {next} to {chain.Head} are missing at the end.")
            : !hash.AsSpan().SequenceEqual(chain.HeadHash) ? Verdict(count, chain.Head, $"Entry {chain.Head} is not the one that was written last.")
            : known is { } noted && noted.Sequence > chain.Head ? Verdict(count, null, $"The trail ends at {chain.Head}, before the noted entry {noted.Sequence}.")
            : Verdict(count, null, null);

        AuditVerdict Verdict(long whole, long? brokenAt, string? problem) =>
            new(whole, problem, brokenAt, chain.Head, Convert.ToHexStringLower(chain.HeadHash));
    }

    private static string? Fault(AuditEntry entry, long expected, byte[] previous) =>
        entry.Sequence > expected ? $"Entry {expected} is missing; the next one is {entry.Sequence}."
        : entry.Sequence < expected ? $"Entry {entry.Sequence} should have been removed: the trail begins at {expected}."
        : !entry.PreviousHash.AsSpan().SequenceEqual(previous) ? $"Entry {entry.Sequence} does not follow the one before it."
        : !AuditHash.Of(entry).AsSpan().SequenceEqual(entry.Hash) ? $"Entry {entry.Sequence} was changed."
        : null;

    private static bool IsHash(string text, byte[] hash) =>
        CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(text.ToLowerInvariant()), System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)));
}
