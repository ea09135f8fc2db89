namespace Orchestrator.Tests.Support;

/// <summary>A clock on which every pause is over at once, and has taken its time.</summary>
internal sealed class ImpatientClock : TimeProvider
{
    private long _passed;

    public override DateTimeOffset GetUtcNow() => Installation.Start + TimeSpan.FromTicks(Interlocked.Read(ref _passed));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _passed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Add(ref _passed, dueTime.Ticks);
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
