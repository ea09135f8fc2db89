using System.Collections.Concurrent;

namespace Orchestrator.Web.Audit;

/// <summary>Keeps strangers from filling the audit trail: of the same refusal to the same address, one a minute is recorded, and how many
/// there were in between.</summary>
internal sealed class RefusalLimit(TimeProvider clock) : RepeatLimit(clock, Window)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
}

/// <summary>Keeps whoever follows a log from filling the audit trail: that they have read it is recorded once an hour, by each process.</summary>
internal sealed class ReadingLimit(TimeProvider clock) : RepeatLimit(clock, Window)
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);
}

/// <summary>Of what happens again and again, lets one through in a time.</summary>
internal abstract class RepeatLimit(TimeProvider clock, TimeSpan window)
{
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <param name="what">Who, from where, and what.</param>
    /// <returns>How many like it were passed over since the last one that was recorded; null when this one is to be passed over.</returns>
    public int? Count(string what)
    {
        var now = clock.GetUtcNow();
        if (_seen.Count >= MaxKnown)
        {
            _seen.Clear();
        }
        var passedOver = (int?)null;
        _seen.AddOrUpdate(
            what,
            _ =>
            {
                passedOver = 0;
                return new Seen(now + window, 0);
            },
            (_, known) =>
            {
                passedOver = known.Until <= now ? known.PassedOver : null;
                return passedOver is null ? known with { PassedOver = known.PassedOver + 1 } : new Seen(now + window, 0);
            });
        return passedOver;
    }

    private sealed record Seen(DateTimeOffset Until, int PassedOver);
}
