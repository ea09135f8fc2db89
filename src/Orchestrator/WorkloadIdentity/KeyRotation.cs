using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Audit;

namespace Orchestrator.WorkloadIdentity;

/// <summary>How an attempt to move keys ended.</summary>
/// <param name="Message">For people: what has happened, or why nothing has and what to do.</param>
public sealed record KeyMove(KeyMoveOutcome Outcome, string Message)
{
    public bool IsDone => Outcome == KeyMoveOutcome.Done;
}

public enum KeyMoveOutcome
{
    Done,

    /// <summary>The next key has not been published for <see cref="KeyLife.Settling"/> yet.</summary>
    TooEarly,

    /// <summary>Relying parties read a copy of the key set, and the next key is not in it.</summary>
    NotInCopy,

    /// <summary>Somebody else has moved the same key at the same moment.</summary>
    OvertakenByAnother,

    /// <summary>There is no such key, or it was retired before.</summary>
    NoSuchKey,
}

/// <summary>Moves keys from state to state. Each move is a guarded statement, so of several processes at once one moves and the
/// others are told.</summary>
public sealed partial class KeyRotation(
    IDbContextFactory<OrchestratorDbContext> databases, SigningKeys keys, SigningKeyVault vault, PublishedCopy copy,
    IOptions<IssuerOptions> issuer, TimeProvider clock, ILogger<KeyRotation> logger)
{
    /// <summary>The next key begins to sign, the active one begins to retire, and a new next key is published.</summary>
    /// <param name="force">Also when relying parties may not know the next key yet: their refusals are then the lesser evil.</param>
    public async Task<KeyMove> RotateAsync(bool force, CancellationToken cancellationToken)
    {
        await keys.PublishedAsync(cancellationToken);
        var active = await RowAsync(key => key.State == SigningKeyState.Active, cancellationToken);
        var next = await RowAsync(key => key.State == SigningKeyState.Next, cancellationToken);
        if (active is null || next is null)
        {
            return Overtaken;
        }
        if (!force && await ObjectionAsync(next, cancellationToken) is { } objection)
        {
            return objection;
        }
        return await PromoteAsync(active, next, revoked: false, cancellationToken);
    }

    /// <summary>The key is not published any more from this moment on, and its private half is destroyed; tokens that it has signed
    /// are refused. Another key takes its place where it has one.</summary>
    public async Task<KeyMove> RevokeAsync(string kid, CancellationToken cancellationToken)
    {
        await keys.PublishedAsync(cancellationToken);
        var key = await RowAsync(row => row.Kid == kid, cancellationToken);
        switch (key?.State)
        {
            case SigningKeyState.Active when await RowAsync(row => row.State == SigningKeyState.Next, cancellationToken) is { } next:
                return await PromoteAsync(key, next, revoked: true, cancellationToken);
            case SigningKeyState.Next:
                return await ReplaceNextAsync(key, cancellationToken)
                    ? new KeyMove(KeyMoveOutcome.Done, $"Key {kid} is retired. It had not signed anything; another key is published in its place.")
                    : Overtaken;
            case SigningKeyState.Retiring:
                return await RetireAsync("revoke", row => row.Kid == kid, cancellationToken) == 1
                    ? new KeyMove(KeyMoveOutcome.Done, $"Key {kid} is retired.")
                    : Overtaken;
            case null:
                return new KeyMove(KeyMoveOutcome.NoSuchKey, $"There is no key {kid}. 'issuer list' shows those that there are.");
            case SigningKeyState.Retired:
                return new KeyMove(KeyMoveOutcome.NoSuchKey, $"Key {kid} was retired before.");
            default:
                return Overtaken;
        }
    }

    /// <summary>Retires what has been retiring for long enough.</summary>
    /// <returns>How many keys that were.</returns>
    public Task<int> RetireDueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var expired = now - KeyLife.Aftermath;
        return RetireAsync("retire", key => key.RetiresAt <= now && (key.NeededUntil == null || key.NeededUntil <= expired), cancellationToken);
    }

    /// <summary>Retires everything that is retiring, whether tokens by it still live or not.</summary>
    public Task<int> TrimAsync(CancellationToken cancellationToken) => RetireAsync("retire", key => true, cancellationToken);

    /// <summary>Where the configured algorithm is not the next key's, another next key takes its place, so that the next rotation
    /// changes to it. At start, and only there: processes with different settings would replace it in turns.</summary>
    public async Task AdoptAlgorithmAsync(CancellationToken cancellationToken)
    {
        await keys.PublishedAsync(cancellationToken);
        var wanted = vault.Algorithm;
        if (await RowAsync(key => key.State == SigningKeyState.Next && key.Algorithm != wanted, cancellationToken) is { } next)
        {
            await ReplaceNextAsync(next, cancellationToken);
        }
    }

    private static KeyMove Overtaken { get; } = new(
        KeyMoveOutcome.OvertakenByAnother, "Somebody else has moved the keys at the same moment. Nothing was done here.");

    private async Task<KeyMove?> ObjectionAsync(SigningKey next, CancellationToken cancellationToken)
    {
        if (next.MaySignAt > clock.GetUtcNow())
        {
            return new KeyMove(KeyMoveOutcome.TooEarly,
                $"The next key {next.Kid} was published only at {Words(next.CreatedAt)}; relying parties may not know it before "
                + $"{Words(next.MaySignAt)}. Rotate again then. When a key must not be trusted any more, run 'issuer revoke' instead.");
        }
        if (!issuer.Value.IsElsewhere)
        {
            return null;
        }
        return await copy.ObjectionAsync(issuer.Value.Issuer, vault.Open(next).PublicKey, cancellationToken) is { } problem
            ? new KeyMove(KeyMoveOutcome.NotInCopy,
                $"{problem} Tokens by the next key {next.Kid} would be refused. Run 'issuer export DIRECTORY', publish that directory at "
                + $"{issuer.Value.Issuer}, and rotate again.")
            : null;
    }

    /// <summary>The active key leaves first: the database allows one at a time.</summary>
    private async Task<KeyMove> PromoteAsync(SigningKey active, SigningKey next, bool revoked, CancellationToken cancellationToken)
    {
        var fresh = vault.Create(SigningKeyState.Next, KeyLife.Settling);
        var now = clock.GetUtcNow();
        var retiresAt = now + KeyLife.Retiring;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var leaving = db.SigningKeys.Where(key => key.Kid == active.Kid && key.State == SigningKeyState.Active);
            var left = revoked
                ? await DestroyAsync(leaving, now, cancellationToken)
                : await leaving.ExecuteUpdateAsync(
                    set => set.SetProperty(key => key.State, SigningKeyState.Retiring).SetProperty(key => key.RetiresAt, retiresAt), cancellationToken);
            var came = left == 0 ? 0 : await db.SigningKeys
                .Where(key => key.Kid == next.Kid && key.State == SigningKeyState.Next)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(key => key.State, SigningKeyState.Active).SetProperty(key => key.ActivatedAt, now), cancellationToken);
            if (came == 0)
            {
                return Overtaken;
            }
            db.SigningKeys.Add(fresh);
            db.AuditWaiting.Add(Audited(now, revoked ? "revoke" : "rotate", active.Kid, ("active", next.Kid), ("next", fresh.Kid)));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await keys.PublishedAsync(cancellationToken);
        return new KeyMove(KeyMoveOutcome.Done, Tell(active.Kid, next.Kid, fresh.Kid, revoked ? null : Later(retiresAt, active.NeededUntil + KeyLife.Aftermath)));
    }

    private string Tell(string before, string now, string next, DateTimeOffset? retiresAt)
    {
        var fate = retiresAt is { } end ? $"stays published until {Words(end)}" : "is revoked";
        Log.Rotated(logger, now, before, fate, next);
        return $"Key {now} signs from now on. Key {before} {fate}. Key {next} is published, and signs after the next rotation.";
    }

    private async Task<bool> ReplaceNextAsync(SigningKey next, CancellationToken cancellationToken)
    {
        var fresh = vault.Create(SigningKeyState.Next, KeyLife.Settling);
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var left = await DestroyAsync(
                db.SigningKeys.Where(key => key.Kid == next.Kid && key.State == SigningKeyState.Next), clock.GetUtcNow(), cancellationToken);
            if (left == 0)
            {
                return false;
            }
            db.SigningKeys.Add(fresh);
            db.AuditWaiting.Add(Audited(clock.GetUtcNow(), "replace", next.Kid, ("next", fresh.Kid)));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await keys.PublishedAsync(cancellationToken);
        Log.Replaced(logger, next.Kid, fresh.Kid, fresh.Algorithm);
        return true;
    }

    private async Task<int> RetireAsync(string action, Expression<Func<SigningKey, bool>> which, CancellationToken cancellationToken)
    {
        var retired = 0;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            var retiring = db.SigningKeys.Where(key => key.State == SigningKeyState.Retiring);
            if (await retiring.Where(which).Select(key => key.Kid).ToListAsync(cancellationToken) is { Count: > 0 } kids)
            {
                await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
                foreach (var kid in kids)
                {
                    // Another process may have been faster.
                    if (await DestroyAsync(retiring.Where(key => key.Kid == kid), clock.GetUtcNow(), cancellationToken) == 1)
                    {
                        retired++;
                        db.AuditWaiting.Add(Audited(clock.GetUtcNow(), action, kid));
                    }
                }
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
        }
        if (retired > 0)
        {
            await keys.PublishedAsync(cancellationToken);
            Log.Retired(logger, retired);
        }
        return retired;
    }

    private static AuditWaiting Audited(DateTimeOffset now, string action, string kid, params (string, string?)[] detail) =>
        AuditWaiting.Of(AuditRecord.OfPlatform(now, action, "signing_key", kid) with { Detail = AuditDetail.Of(detail) });

    private static Task<int> DestroyAsync(IQueryable<SigningKey> which, DateTimeOffset now, CancellationToken cancellationToken) =>
        which.ExecuteUpdateAsync(
            set => set.SetProperty(key => key.State, SigningKeyState.Retired)
                .SetProperty(key => key.RetiredAt, now)
                .SetProperty(key => key.ProtectedPrivateKey, (byte[]?)null),
            cancellationToken);

    private async Task<SigningKey?> RowAsync(Expression<Func<SigningKey, bool>> which, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.SigningKeys.AsNoTracking().FirstOrDefaultAsync(which, cancellationToken);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;

    private static string Words(DateTimeOffset instant) => FormattableString.Invariant($"{instant.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The signing key {Kid} signs run tokens from now on; {Before} {Fate}, and {Next} is published as the next one.")]
        public static partial void Rotated(ILogger logger, string kid, string before, string fate, string next);

        [LoggerMessage(2, LogLevel.Information, "The next signing key {Kid} has not signed anything and is replaced by {Next} ({Algorithm}).")]
        public static partial void Replaced(ILogger logger, string kid, string next, string algorithm);

        [LoggerMessage(3, LogLevel.Information, "{Count} signing keys are retired: not published any more, and their private halves destroyed.")]
        public static partial void Retired(ILogger logger, int count);
    }
}
