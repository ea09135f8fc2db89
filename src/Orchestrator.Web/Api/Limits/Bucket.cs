namespace Orchestrator.Web.Api.Limits;

/// <summary>What one caller has left: a second's worth of requests at most, refilled steadily.</summary>
internal sealed class Bucket(int limit, DateTimeOffset now)
{
    private readonly Lock _lock = new();
    private double _left = limit;
    private DateTimeOffset _filledAt = now;

    /// <summary>Takes one, if there is one.</summary>
    public Taken Take(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (now > _filledAt)
            {
                _left = Math.Min(limit, _left + ((now - _filledAt).TotalSeconds * limit));
                _filledAt = now;
            }
            if (_left >= 1)
            {
                _left--;
                return new Taken(true, limit, (int)_left, Seconds(limit - _left));
            }
            return new Taken(false, limit, 0, Seconds(1 - _left));
        }
    }

    /// <summary>It is full again: nobody can tell it from a new one.</summary>
    public bool IsForgotten(DateTimeOffset now)
    {
        lock (_lock)
        {
            return now - _filledAt > TimeSpan.FromSeconds(1);
        }
    }

    private TimeSpan Seconds(double requests) => TimeSpan.FromSeconds(requests / limit);
}

/// <param name="Reset">Until the next request is possible; after a success, until the bucket is full.</param>
internal readonly record struct Taken(bool IsTaken, int Limit, int Remaining, TimeSpan Reset);
