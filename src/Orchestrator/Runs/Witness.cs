using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Another process, which says whether the database is away for it, too.</summary>
/// <remarks>A worker that cannot reach the database does not know whether it alone is cut off; then others take its runs over. When the
/// process that keeps its runs' states cannot either, there is nobody who could: no other run gets at those states without it.</remarks>
public interface IWitness
{
    /// <returns>How long ago the database was away for the other process; null when it was not, or nobody answers.</returns>
    Task<TimeSpan?> SawDatabaseAwayAsync(CancellationToken cancellationToken);
}

/// <summary>For a process that knows of no other.</summary>
internal sealed class NoWitness : IWitness
{
    public Task<TimeSpan?> SawDatabaseAwayAsync(CancellationToken cancellationToken) => Task.FromResult<TimeSpan?>(null);
}

/// <summary>What this process last saw of the database, for those who ask it as their witness. The recovery looks once a second.</summary>
public sealed class DatabaseSight(TimeProvider clock)
{
    private volatile Look? _last;

    /// <summary>By which whoever asks recognises itself. It says nothing about this process.</summary>
    public string Mark { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Whether the database was away at the last look, and how long ago that look began; null before the first.</summary>
    public (bool Away, TimeSpan Age)? Last => _last is { } last ? (last.Away, clock.GetElapsedTime(last.Began)) : null;

    internal void Note(long began, bool away) => _last = new Look(began, away);

    private sealed record Look(long Began, bool Away);
}
