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

    // Data Protection knows no other clock.
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly WatchedKeys _keys;
    private readonly KeyRingOptions _options;
    private long _refreshedAt = Clock.GetTimestamp();

    internal KeyRing(WatchedKeys keys, IOptions<KeyRingOptions> options) => (_keys, _options) = (keys, options.Value);

    /// <summary>Whether whoever has the ring alone can do nothing with it.</summary>
    public bool IsWrapped => _options.IsSet;

    /// <summary>How long a new key has to be in the ring before it is used, so that every running process knows it.</summary>
    public TimeSpan Known => _options.Watch;

    /// <summary>How long after its making every running process uses a new key: it looks once more when the key may be used.</summary>
    public TimeSpan InUse => (_options.Watch * 2) + Patience;

    /// <summary>Takes up what other processes have added.</summary>
    public void Refresh()
    {
        Interlocked.Exchange(ref _refreshedAt, Clock.GetTimestamp());
        _keys.Forget();
    }

    /// <summary>For a value that cannot be opened: whether its key is in the ring by now, though this process may not have taken it up. At most
    /// once a second, so that whoever asks for altered values does not keep everybody busy.</summary>
    internal bool IsNews(Guid key)
    {
        var before = Interlocked.Read(ref _refreshedAt);
        if (Clock.GetElapsedTime(before) < TimeSpan.FromSeconds(1) || Interlocked.CompareExchange(ref _refreshedAt, Clock.GetTimestamp(), before) != before
            || _keys.GetAllKeys().All(known => known.KeyId != key))
        {
            return false;
        }
        _keys.Forget();
        return true;
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
}
