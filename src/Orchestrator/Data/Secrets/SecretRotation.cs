using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data.Audit;

namespace Orchestrator.Data.Secrets;

/// <param name="Encrypted">How many values were encrypted anew.</param>
/// <param name="Left">How many could not be opened, and are as they were.</param>
/// <param name="Deleted">How many older keys were destroyed; null when they were to be kept.</param>
public sealed record RotationResult(Guid Key, long Encrypted, IReadOnlyList<string> Left, int? Deleted);

/// <summary>Gives the key ring a new key and encrypts everything at rest anew, beside servers that go on serving. When it is interrupted, it
/// goes on where it was: what the current key has encrypted is left alone.</summary>
public sealed class SecretRotation(
    IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets, KeyRing ring, DataDirectory directory, AuditTrail trail, TimeProvider clock)
{
    /// <param name="resume">With the youngest key that there is, not with a new one.</param>
    /// <param name="deleteOld">Destroys the older keys at the end, if nothing is left that only they open. Whoever is signed in has to sign in again.</param>
    /// <param name="wait">Returns when every running process uses the new key; null where there is none beside this one.</param>
    public async Task<RotationResult> RotateAsync(bool resume, bool deleteOld, Func<CancellationToken, Task>? wait, CancellationToken cancellationToken)
    {
        var current = (resume ? ring.Youngest() : null) ?? ring.Create(wait is null ? TimeSpan.Zero : ring.Known);
        if (wait is not null && !IsUsed(current.KeyId))
        {
            await wait(cancellationToken);
        }
        await WaitUntilUsedAsync(current.KeyId, cancellationToken);
        var left = new List<string>();
        long encrypted = 0;
        // A second time for what was written with the key before while the first went on.
        for (var round = 0; round < 2; round++)
        {
            left.Clear();
            encrypted += await EncryptRowsAsync(current.KeyId, left, cancellationToken);
            encrypted += await EncryptFilesAsync(current.KeyId, left, cancellationToken);
        }
        int? deleted = deleteOld && left.Count == 0 ? await DeleteOlderAsync(current, cancellationToken) : null;
        await trail.RecordAsync(AuditRecord.OfPlatform(
            clock.GetUtcNow(), "rotate", "key_ring", current.KeyId.ToString("D"), left.Count == 0 ? AuditOutcome.Succeeded : AuditOutcome.Failed) with
        {
            ActorKind = AuditActorKind.Console,
            Detail = AuditDetail.Of(("encrypted", $"{encrypted}"), ("left", $"{left.Count}"), ("deleted_keys", deleted is null ? null : $"{deleted}")),
        }, cancellationToken);
        return new RotationResult(current.KeyId, encrypted, left, deleted);
    }

    /// <summary>Data Protection goes on with the ring that it has until it has read the new one, and with the key before until the new one's
    /// time has come.</summary>
    private async Task WaitUntilUsedAsync(Guid key, CancellationToken cancellationToken)
    {
        for (var patience = 10 * KeyRing.Patience; !IsUsed(key); patience -= KeyRing.Moment)
        {
            if (patience <= TimeSpan.Zero)
            {
                throw new KeyRingException("The new key of the ring is not taken up. Look whether this machine's clock is right, then run 'secrets rotate --resume'.");
            }
            ring.Refresh();
            await Task.Delay(KeyRing.Moment, cancellationToken);
        }
    }

    private bool IsUsed(Guid key) => KeyRing.KeyOf(secrets.Protect(SecretKind.AuditChain, nameof(SecretRotation), [])) == key;

    /// <summary>What only these keys open is lost.</summary>
    private async Task<int> DeleteOlderAsync(IKey current, CancellationToken cancellationToken)
    {
        var older = ring.OlderThan(current);
        if (!ring.TryDelete(older))
        {
            string[] names = [.. older.Select(id => $"key-{id:D}")];
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.DataProtectionKeys.Where(key => names.Contains(key.FriendlyName)).ExecuteDeleteAsync(cancellationToken);
            ring.Refresh();
        }
        return older.Count;
    }

    private async Task<long> EncryptRowsAsync(Guid key, List<string> left, CancellationToken cancellationToken)
    {
        long encrypted = 0;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var column in SealedColumn.All)
        {
            await foreach (var value in column.ReadAsync(db, except: key, cancellationToken))
            {
                if (Encrypt(column.Kind, value.Place, value.Value, $"{column} of {value.Place}", left) is { } now
                    && await column.ReplaceAsync(db, value, now, cancellationToken))
                {
                    encrypted++;
                }
            }
        }
        return encrypted;
    }

    private async Task<long> EncryptFilesAsync(Guid key, List<string> left, CancellationToken cancellationToken)
    {
        long encrypted = 0;
        foreach (var (path, kind, place) in SealedFiles.All(directory).ToList())
        {
            if (await SealedFiles.ReadAsync(path, cancellationToken) is { } value && KeyRing.KeyOf(value) != key
                && Encrypt(kind, place, value, path, left) is { } now && await SealedFiles.ReplaceAsync(path, value, now, cancellationToken))
            {
                encrypted++;
            }
        }
        return encrypted;
    }

    private byte[]? Encrypt(SecretKind kind, string place, byte[] value, string name, List<string> left)
    {
        try
        {
            return secrets.Protect(kind, place, secrets.Unprotect(kind, place, value));
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            left.Add(name);
            return null;
        }
    }
}
