using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Orchestrator.Data.Secrets;

/// <summary>The keys of the ring, with a bell: a process reads the ring once a day by itself, and would not know for so long what another
/// process has added.</summary>
internal sealed class WatchedKeys(XmlKeyManager keys) : IKeyManager, IDeletableKeyManager, IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _stale = new();

    public bool CanDeleteKeys => keys.CanDeleteKeys;

    /// <summary>From now on the ring that this process holds is out of date.</summary>
    public void Forget()
    {
        CancellationTokenSource before;
        lock (_lock)
        {
            (before, _stale) = (_stale, new CancellationTokenSource());
        }
        before.Cancel();
    }

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate)
    {
        var key = keys.CreateNewKey(activationDate, expirationDate);
        Forget();
        return key;
    }

    public IReadOnlyCollection<IKey> GetAllKeys() => keys.GetAllKeys();

    public CancellationToken GetCacheExpirationToken()
    {
        lock (_lock)
        {
            return _stale.Token;
        }
    }

    public void RevokeKey(Guid keyId, string? reason = null)
    {
        keys.RevokeKey(keyId, reason);
        Forget();
    }

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null)
    {
        keys.RevokeAllKeys(revocationDate, reason);
        Forget();
    }

    public bool DeleteKeys(Func<IKey, bool> shouldDelete)
    {
        var deleted = keys.DeleteKeys(shouldDelete);
        Forget();
        return deleted;
    }

    public void Dispose() => _stale.Dispose();
}
