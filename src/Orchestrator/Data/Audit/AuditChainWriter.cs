using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Data.Audit;

/// <summary>Gives records their places in the chain, whoever else does at the same moment.</summary>
public sealed class AuditChainWriter(IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets)
{
    /// <summary>So that nobody who writes to the database waits for long.</summary>
    public const int AtOnce = 500;

    /// <summary>Appends what waits in the database, oldest first: all or none of it.</summary>
    /// <returns>True when as many waited as are taken at once, so that there may be more.</returns>
    public async Task<bool> AppendAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.AuditWaiting.AnyAsync(cancellationToken))
        {
            return false;
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var chain = await HoldAsync(db, cancellationToken);
        var waiting = await db.AuditWaiting.AsNoTracking().OrderBy(row => row.Id).Take(AtOnce).ToListAsync(cancellationToken);
        Append(db, chain, [.. waiting.Select(row => row.Read())]);
        await db.SaveChangesAsync(cancellationToken);
        // Not all up to the last one: what was stored meanwhile may have a smaller number.
        long[] taken = [.. waiting.Select(row => row.Id)];
        await db.AuditWaiting.Where(row => taken.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return waiting.Count == AtOnce;
    }

    /// <summary>Stores a record for whoever appends next.</summary>
    public async Task LeaveAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Each request that changes something does it, and this is cheaper than the same by an entity.
        await db.Database.ExecuteSqlAsync($"""INSERT INTO "AuditWaiting" ("Record") VALUES ({AuditWaiting.Of(record).Record})""", cancellationToken);
    }

    /// <summary>Removes the entries from before an instant, except the newest one of all. The chain is verified from the last one removed.</summary>
    /// <returns>How many were removed.</returns>
    public async Task<int> TrimAsync(DateTimeOffset before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var chain = await HoldAsync(db, cancellationToken);
        var kept = await db.AuditEntries.Where(entry => entry.At >= before).MinAsync(entry => (long?)entry.Sequence, cancellationToken) ?? chain.Head;
        var last = await db.AuditEntries.AsNoTracking().FirstOrDefaultAsync(entry => entry.Sequence == kept - 1, cancellationToken);
        if (last is null)
        {
            return 0;
        }
        chain.MoveAnchor(last, secrets);
        Append(db, chain, [AuditRecord.OfPlatform(now, "trim", "audit_trail", null) with
        {
            Detail = AuditDetail.Of(("through", $"{last.Sequence}"), ("hash", Convert.ToHexStringLower(last.Hash))),
        }]);
        await db.SaveChangesAsync(cancellationToken);
        var removed = await db.AuditEntries.Where(entry => entry.Sequence <= last.Sequence).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return removed;
    }

    /// <summary>PostgreSQL locks the row for an update that changes nothing; SQLite has one writer anyway.</summary>
    private static async Task<AuditChain> HoldAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        await db.AuditChains.ExecuteUpdateAsync(set => set.SetProperty(chain => chain.Head, chain => chain.Head), cancellationToken);
        return await db.AuditChains.SingleAsync(cancellationToken);
    }

    private void Append(OrchestratorDbContext db, AuditChain chain, IReadOnlyList<AuditRecord> records)
    {
        var (sequence, hash) = (chain.Head, chain.HeadHash);
        AuditEntry? last = null;
        foreach (var record in records)
        {
            last = AuditEntry.Of(record, ++sequence, hash);
            hash = last.Hash;
            db.AuditEntries.Add(last);
        }
        if (last is not null)
        {
            chain.MoveHead(last, secrets);
        }
    }
}
