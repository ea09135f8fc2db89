namespace Orchestrator.AwsSimulator.Activity;

/// <summary>The latest calls and refusals, oldest first, kept in memory. Safe to read from any thread.</summary>
public sealed class ActivityLog
{
    /// <summary>How many events, and how many explanations, are kept.</summary>
    public const int Capacity = 2000;

    private readonly Lock _lock = new();
    private readonly Queue<AuditEvent> _events = new();
    private readonly Queue<Explanation> _explanations = new();

    internal ActivityLog()
    {
    }

    /// <summary>Every call, whether it succeeded or not.</summary>
    public IReadOnlyList<AuditEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Every refusal; <see cref="Explanation.RequestId"/> leads to its event.</summary>
    public IReadOnlyList<Explanation> Explanations
    {
        get
        {
            lock (_lock)
            {
                return [.. _explanations];
            }
        }
    }

    internal void Add(AuditEvent happened, Explanation? refusal)
    {
        lock (_lock)
        {
            Keep(_events, happened);
            if (refusal is not null)
            {
                Keep(_explanations, refusal);
            }
        }
    }

    private static void Keep<T>(Queue<T> queue, T item)
    {
        queue.Enqueue(item);
        if (queue.Count > Capacity)
        {
            queue.Dequeue();
        }
    }
}
