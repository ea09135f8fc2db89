namespace Orchestrator.Data;

/// <summary>Which other processes work on the same database.</summary>
public interface INeighbours
{
    /// <summary>False where a database has one process.</summary>
    bool ArePossible { get; }

    /// <summary>Whether there is none now, as far as can be told; one may start at any time.</summary>
    Task<bool> AreNoneAsync(CancellationToken cancellationToken);
}

/// <summary>On SQLite: whoever holds the data directory is alone.</summary>
internal sealed class NoNeighbours : INeighbours
{
    public bool ArePossible => false;

    public Task<bool> AreNoneAsync(CancellationToken cancellationToken) => Task.FromResult(true);
}
