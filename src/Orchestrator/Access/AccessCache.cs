using System.Collections.Concurrent;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Access;

/// <summary>Remembers for a short while who a token is and what they may do, so that a request in the steady state asks the database
/// for neither. Whoever changes any of it calls <see cref="ForgetAsync"/>: then this process forgets everything at once, and the
/// others as soon as they hear of it.</summary>
/// <param name="topic">What a change is announced as.</param>
/// <param name="lifetime">How long another process may go on with what it knows when it does not hear of a change, because its connection to
/// the database is away.</param>
public sealed class AccessCache(IAnnouncements announcements, TimeProvider clock, Topic topic, TimeSpan lifetime) : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly ISubscription _changes = announcements.Subscribe(topic);
    private Memory _memory = new();

    /// <summary>Of people and their tokens.</summary>
    public AccessCache(IAnnouncements announcements, TimeProvider clock) : this(announcements, clock, Topic.Access, Lifetime)
    {
    }

    /// <param name="key">Unique among everything that is remembered.</param>
    /// <param name="load">Reads it from the database. What it finds none of is not remembered.</param>
    public async ValueTask<T?> GetAsync<T>(string key, Func<CancellationToken, Task<T?>> load, CancellationToken cancellationToken) where T : class
    {
        if (_changes.TryHear())
        {
            Forget();
        }
        // What is read before a change must not be remembered after it, so it goes to the memory that was there before the reading.
        var memory = Volatile.Read(ref _memory);
        var now = clock.GetUtcNow();
        if (memory.Entries.TryGetValue(key, out var known) && known.Until > now)
        {
            return (T)known.Value;
        }
        var loaded = await load(cancellationToken);
        if (loaded is null)
        {
            memory.Entries.TryRemove(key, out _);
        }
        else
        {
            memory.Add(key, loaded, now + lifetime);
        }
        return loaded;
    }

    /// <summary>To be called after the change is committed. It is not to be cancelled: whoever asked for the change may have gone.</summary>
    public async ValueTask ForgetAsync()
    {
        Forget();
        await announcements.AnnounceAsync(topic, CancellationToken.None);
    }

    public void Dispose() => _changes.Dispose();

    private void Forget() => Volatile.Write(ref _memory, new Memory());

    private sealed class Memory
    {
        private const int MaxEntries = 10_000;

        public ConcurrentDictionary<string, Entry> Entries { get; } = new(StringComparer.Ordinal);

        public void Add(string key, object value, DateTimeOffset until)
        {
            if (Entries.Count >= MaxEntries)
            {
                Entries.Clear();
            }
            Entries[key] = new Entry(value, until);
        }
    }

    private readonly record struct Entry(object Value, DateTimeOffset Until);
}
