namespace Orchestrator.Terraform;

/// <summary>How long this process may go on with what it has claimed, without a further sign of life: others may take it over when the lease
/// has ended, and by then nothing of it may be alive here.</summary>
/// <remarks>It is counted by this process's own clock that no administrator sets, from the moment before a sign of life was sent. Whoever
/// waits for the next one has seen that one later, so its count ends later, whatever the two machines' clocks show.</remarks>
public sealed class Lease(TimeProvider clock)
{
    /// <summary>Where other processes work on the same database. With one look a second, the work of the dead is found within 15 seconds.</summary>
    public static readonly TimeSpan AmongOthers = TimeSpan.FromSeconds(14);

    /// <summary>Where no other process did at the last sign of life: nobody waits for the work, and a database may be away for two minutes.</summary>
    public static readonly TimeSpan Alone = TimeSpan.FromSeconds(150);

    /// <summary>When so much is left, terraform is interrupted, so that it can save its state.</summary>
    public static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(6);

    /// <summary>When so much is left, it is killed.</summary>
    public static readonly TimeSpan TimeToDie = TimeSpan.FromSeconds(2.5);

    /// <summary>When so much is left, the guards kill it, should this process be frozen.</summary>
    private static readonly TimeSpan GuardsReserve = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource _renewed = NewSignal();
    private (long Since, TimeSpan Length)? _term;

    /// <summary>Negative when it has ended; null when it never does.</summary>
    public TimeSpan? Left
    {
        get
        {
            lock (_lock)
            {
                return LeftOf(_term);
            }
        }
    }

    public bool Holds => Left is not { } left || left > TimeSpan.Zero;

    /// <summary>Ends with the next renewal.</summary>
    public Task Renewed
    {
        get
        {
            lock (_lock)
            {
                return _renewed.Task;
            }
        }
    }

    /// <summary>In whole seconds, so that they are rather too few; 0 when it never ends.</summary>
    internal int SecondsForGuards => Left is { } left ? Math.Max(1, (int)(left - GuardsReserve).TotalSeconds) : 0;

    /// <param name="since">A timestamp of the clock's, from before the sign of life was sent.</param>
    /// <param name="length">As it was written down with the sign of life.</param>
    public void Renew(long since, TimeSpan length)
    {
        lock (_lock)
        {
            _term = (since, length);
            _renewed.SetResult();
            _renewed = NewSignal();
        }
    }

    /// <summary>The same, unless it holds for longer already.</summary>
    public void Extend(long since, TimeSpan length)
    {
        lock (_lock)
        {
            if (LeftOf((since, length)) > LeftOf(_term))
            {
                Renew(since, length);
            }
        }
    }

    private TimeSpan? LeftOf((long Since, TimeSpan Length)? term) =>
        term is { } known ? known.Length - clock.GetElapsedTime(known.Since) : null;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
