using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Orchestrator.Data.Announcements;

/// <summary>Announcements within one process.</summary>
internal sealed class LocalAnnouncements : IAnnouncements
{
    private readonly ConcurrentDictionary<string, Subscription[]> _subscriptions = new(StringComparer.Ordinal);

    public ValueTask AnnounceAsync(Topic topic, CancellationToken cancellationToken)
    {
        Deliver(topic);
        return ValueTask.CompletedTask;
    }

    public void Deliver(Topic topic)
    {
        if (_subscriptions.TryGetValue(topic.Name, out var listeners))
        {
            foreach (var listener in listeners)
            {
                listener.Wake();
            }
        }
        if (topic.Wider is { } wider)
        {
            Deliver(wider);
        }
    }

    public ISubscription Subscribe(Topic topic)
    {
        var subscription = new Subscription(this, topic.Name);
        _subscriptions.AddOrUpdate(topic.Name, _ => [subscription], (_, listeners) => [.. listeners, subscription]);
        return subscription;
    }

    private void Remove(Subscription subscription)
    {
        var left = _subscriptions.AddOrUpdate(
            subscription.Topic, _ => [], (_, listeners) => [.. listeners.Where(listener => listener != subscription)]);
        if (left.Length == 0)
        {
            _subscriptions.TryRemove(KeyValuePair.Create(subscription.Topic, left));
        }
    }

    /// <summary>A channel of one: announcements that nobody has heard yet count as one.</summary>
    private sealed class Subscription(LocalAnnouncements owner, string topic) : ISubscription
    {
        private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public string Topic => topic;

        public void Wake() => _wakes.Writer.TryWrite(true);

        public async ValueTask WaitAsync(CancellationToken cancellationToken) =>
            await _wakes.Reader.ReadAsync(cancellationToken);

        public bool TryHear() => _wakes.Reader.TryRead(out _);

        public void Dispose() => owner.Remove(this);
    }
}
