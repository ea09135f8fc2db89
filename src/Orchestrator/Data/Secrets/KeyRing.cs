using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Orchestrator.Data.Secrets;

/// <summary>The keys that everything at rest is encrypted with.</summary>
public sealed class KeyRing
{
    // What Data Protection puts first: a mark, then the key's id.
    private static readonly byte[] Mark = [0x09, 0xF0, 0xC9, 0xF0];
    private const int IdLength = 16;

    private static readonly TimeSpan Life = TimeSpan.FromDays(90);

    /// <summary>Data Protection uses a key so long before its activation, for the sake of clocks that go wrong.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>How long Data Protection may take to read the ring anew.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    /// <summary>How often at most the ring is looked at for a key that this process does not know.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Data Protection knows no other clock.
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly WatchedKeys _keys;
    private readonly KeyRingOptions _options;
    private readonly Func<IDataProtectionProvider> _readAnew;
    private readonly Lock _lock = new();
    private Reading? _newest;
    private long? _lookedAt;

    /// <param name="readAnew">Makes what opens values with the ring as it is at that moment.</param>
    internal KeyRing(WatchedKeys keys, IOptions<KeyRingOptions> options, Func<IDataProtectionProvider> readAnew) =>
        (_keys, _options, _readAnew) = (keys, options.Value, readAnew);

    /// <summary>Whether whoever has the ring alone can do nothing with it.</summary>
    public bool IsWrapped => _options.IsSet;

    /// <summary>How long a new key has to be in the ring before it is used, so that every running process knows it.</summary>
    public TimeSpan Known => _options.Watch;

    /// <summary>How long after its making every running process uses a new key: it looks once more when the key may be used.</summary>
    public TimeSpan InUse => (_options.Watch * 2) + Patience;

    /// <summary>Takes up what other processes have added. Throws when the ring cannot be read now; this process goes on with what it has.</summary>
    public void Refresh()
    {
        // Data Protection would take the ring that it has for out of date, and fail whoever encrypts next.
        _keys.GetAllKeys();
        _keys.Forget();
    }

    /// <summary>For a value that cannot be opened: what opens it if its key is in the ring by now, though this process has not taken it up yet.
    /// Nobody waits for that, and the ring is looked at once a second at most, so that whoever asks for altered values does not keep
    /// everybody busy.</summary>
    internal IDataProtectionProvider? Newer(Guid key)
    {
        lock (_lock)
        {
            if (_newest is { } newest && newest.Keys.Contains(key))
            {
                return newest.Provider;
            }
            if (_lookedAt is { } before && Clock.GetElapsedTime(before) < Pause)
            {
                return null;
            }
            _lookedAt = Clock.GetTimestamp();
            var keys = _keys.GetAllKeys().Select(known => known.KeyId).ToHashSet();
            if (!keys.Contains(key))
            {
                return null;
            }
            _keys.Forget();
            _newest = new Reading(keys, _readAnew());
            return _newest.Provider;
        }
    }

    /// <summary>Adds a key. It encrypts what is written from then on.</summary>
    public IKey Create(TimeSpan usedIn)
    {
        var now = Clock.GetUtcNow();
        return _keys.CreateNewKey(now + usedIn + Skew, now + usedIn + Skew + Life);
    }

    /// <summary>The youngest key: it encrypts now, or will when its time has come.</summary>
    public IKey? Youngest() =>
        _keys.GetAllKeys().Where(key => !key.IsRevoked && key.ExpirationDate > Clock.GetUtcNow()).MaxBy(key => key.ActivationDate);

    public IReadOnlySet<Guid> OlderThan(IKey current) =>
        _keys.GetAllKeys().Where(key => key.ActivationDate < current.ActivationDate).Select(key => key.KeyId).ToHashSet();

    /// <summary>Destroys these keys, where the ring can: in the database it cannot.</summary>
    public bool TryDelete(IReadOnlySet<Guid> ids) => _keys.CanDeleteKeys && _keys.DeleteKeys(key => ids.Contains(key.KeyId));

    /// <summary>By which key a value was encrypted; null for what is not encrypted by any.</summary>
    public static Guid? KeyOf(ReadOnlySpan<byte> value) =>
        value.Length >= Mark.Length + IdLength && value.StartsWith(Mark) ? new Guid(value.Slice(Mark.Length, IdLength)) : null;

    private sealed record Reading(IReadOnlySet<Guid> Keys, IDataProtectionProvider Provider);
}
