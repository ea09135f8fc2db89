using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Runs;

/// <summary>What this process does for runs. Section <c>Orchestrator:Worker</c>.</summary>
public sealed class WorkerOptions
{
    /// <summary>Phases at once. Default: twice the number of processors.</summary>
    [Range(1, 1000)]
    public int MaxConcurrentRuns { get; set; } = Environment.ProcessorCount * 2;

    /// <summary>How long applies may go on after SIGTERM; then they are interrupted, so that they save their state within the minute that is left.
    /// Whoever ends the process must give it that time and one minute more. Default four minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan TimeToDrain { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>Bytes that have to be free where runs' directories are; with fewer this worker takes no runs, and leaves them to others. Default 64 MiB.</summary>
    [Range(0, long.MaxValue)]
    public long MinFreeBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Where terraform on this worker reaches the API: an absolute URL. Default: this process itself, over loopback.</summary>
    public string? ApiAddress { get; set; }

    /// <summary>The agent pools that this worker serves, and then nothing else: <c>organization/pool</c>, several with commas. Default: none,
    /// so it takes every run that names no pool.</summary>
    public string? Pools { get; set; }
}

/// <summary>This process, as the runs it has claimed know it.</summary>
/// <param name="Place">The data directory that it holds; null when it holds none. The names of all who have held it tell it.</param>
public sealed record WorkerIdentity(string Name, string? Place = null)
{
    /// <summary>Not this process's name, but one that tells its place: for what it does in the name of a dead process.</summary>
    public string NewRecoveryName() => $"recovery:{NewKey(Place)}";

    /// <summary>Whether a worker has held the data directory before this process, and is therefore dead.</summary>
    public bool HasFollowed(string? worker) =>
        Place is not null && worker is not null && worker != Name && worker.AsSpan(worker.LastIndexOf(':') + 1).StartsWith(Place, StringComparison.Ordinal);

    public static WorkerIdentity OfThisProcess(string? place) =>
        new($"{(Environment.MachineName is { Length: > 40 } name ? name[..40] : Environment.MachineName)}:{Environment.ProcessId}:{NewKey(place)}", place);

    private static string NewKey(string? place) => $"{place}{Guid.NewGuid():N}";
}

/// <summary>Where a run's terraform finds the API that keeps its state.</summary>
public interface IStateApi
{
    /// <summary>Ends in <c>/api/v2/</c>.</summary>
    Uri Address { get; }

    /// <summary>By which names configurations may call this platform, to read other workspaces' states: each a host, with its port where that
    /// is not the usual one.</summary>
    IReadOnlyList<string> Hosts { get; }

    /// <summary>Whether it answers at this moment. A process that is its own API asks nobody.</summary>
    Task<bool> AnswersAsync(CancellationToken cancellationToken);
}
