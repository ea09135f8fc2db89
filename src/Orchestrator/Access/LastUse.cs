namespace Orchestrator.Access;

/// <summary>Sees to it that something busy costs one write in <see cref="Precision"/> to record when it was last used.</summary>
internal sealed class LastUse(DateTimeOffset? recorded)
{
    public static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    private long _recorded = (recorded ?? DateTimeOffset.MinValue).UtcTicks;

    /// <summary>As it is recorded.</summary>
    public DateTimeOffset LastAt => new(Interlocked.Read(ref _recorded), TimeSpan.Zero);

    /// <summary>True for one of those who ask at the same time.</summary>
    public bool IsToBeRecorded(DateTimeOffset now)
    {
        var recorded = Interlocked.Read(ref _recorded);
        return now.UtcTicks - recorded >= Precision.Ticks && Interlocked.CompareExchange(ref _recorded, now.UtcTicks, recorded) == recorded;
    }
}
