using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>A key that relying parties can see.</summary>
public sealed record PublishedKey(SigningKeyState State, SigningKeyPair Pair);

/// <summary>The key ring: makes the first keys, keeps the active one in memory, and knows which ones are published.</summary>
/// <remarks>What signs may be <see cref="KeyLife.Freshness"/> old, which the times of a key allow for; what is published is read
/// anew each time, so that no process ever hides a key by which another signs.</remarks>
public sealed class SigningKeys(IDbContextFactory<OrchestratorDbContext> databases, SigningKeyVault vault, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _kept = new(StringComparer.Ordinal);
    private volatile Ring? _ring;

    /// <summary>The key that signs now; made when there is none yet.</summary>
    public async ValueTask<SigningKeyPair> ActiveAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } known)
        {
            return known.Active;
        }
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return (Fresh() ?? await ReadAsync(cancellationToken)).Active;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Every key that relying parties need or will need, oldest first. From now on this process signs accordingly.</summary>
    public async Task<IReadOnlyList<PublishedKey>> PublishedAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return (await ReadAsync(cancellationToken)).Keys;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A token by the key is about to be signed that lives longer than usual: the key stays published for it.</summary>
    public async Task KeepAsync(string kid, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        // By the hour, so that few tokens have to write.
        var until = new DateTimeOffset((expiresAt.UtcTicks / TimeSpan.TicksPerHour + 1) * TimeSpan.TicksPerHour, TimeSpan.Zero);
        if (_kept.TryGetValue(kid, out var known) && known >= until)
        {
            return;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.SigningKeys
            .Where(key => key.Kid == kid && (key.NeededUntil == null || key.NeededUntil < until))
            .ExecuteUpdateAsync(set => set.SetProperty(key => key.NeededUntil, until), cancellationToken);
        _kept[kid] = until;
    }

    public void Dispose() => _gate.Dispose();

    private Ring? Fresh() => _ring is { } ring && clock.GetElapsedTime(ring.ReadAt) < KeyLife.Freshness ? ring : null;

    private async Task<Ring> ReadAsync(CancellationToken cancellationToken)
    {
        var readAt = clock.GetTimestamp();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await PublishedRowsAsync(db, cancellationToken);
        if (Find(rows, SigningKeyState.Active) is null || Find(rows, SigningKeyState.Next) is null)
        {
            await CompleteAsync(db, rows, cancellationToken);
            rows = await PublishedRowsAsync(db, cancellationToken);
        }
        var known = _ring?.Keys.ToDictionary(key => key.Pair.Kid, key => key.Pair, StringComparer.Ordinal) ?? [];
        IReadOnlyList<PublishedKey> keys = [.. rows.Select(row => new PublishedKey(row.State, known.GetValueOrDefault(row.Kid) ?? vault.Open(row)))];
        return _ring = new Ring(readAt, keys, keys.Single(key => key.State == SigningKeyState.Active).Pair);
    }

    private static Task<List<SigningKey>> PublishedRowsAsync(OrchestratorDbContext db, CancellationToken cancellationToken) =>
        db.SigningKeys.AsNoTracking()
            .Where(key => key.State != SigningKeyState.Retired)
            .OrderBy(key => key.CreatedAt).ThenBy(key => key.Kid)
            .ToListAsync(cancellationToken);

    /// <summary>The first two keys of an installation, or the next one where there was never one.</summary>
    private async Task CompleteAsync(OrchestratorDbContext db, List<SigningKey> rows, CancellationToken cancellationToken)
    {
        if (Find(rows, SigningKeyState.Active) is null)
        {
            // Nobody can hold a key set without the next key, so there is nothing that it would have to wait for.
            db.SigningKeys.AddRange(await Task.WhenAll(
                Task.Run(() => vault.Create(SigningKeyState.Active, settling: TimeSpan.Zero), cancellationToken),
                Task.Run(() => vault.Create(SigningKeyState.Next, settling: TimeSpan.Zero), cancellationToken)));
        }
        else
        {
            db.SigningKeys.Add(vault.Create(SigningKeyState.Next, KeyLife.Settling));
        }
        // Where another process made them at the same moment, the index lets one through, and those are ours too.
        await db.TrySaveAsync(cancellationToken);
    }

    private static SigningKey? Find(List<SigningKey> rows, SigningKeyState state) => rows.Find(row => row.State == state);

    private sealed record Ring(long ReadAt, IReadOnlyList<PublishedKey> Keys, SigningKeyPair Active);
}
