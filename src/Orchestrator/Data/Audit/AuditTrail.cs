namespace Orchestrator.Data.Audit;

/// <summary>Where everybody in this process records what happened.</summary>
public sealed class AuditTrail(AuditChainWriter writer) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _hasLeft;

    /// <summary>Returns when the record is stored for good; its place in the chain it gets within seconds, or when somebody reads the trail.</summary>
    /// <exception cref="AuditFailedException">It is not stored.</exception>
    public async Task LeaveAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await writer.LeaveAsync(record, cancellationToken);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            throw new AuditFailedException(failed);
        }
        Volatile.Write(ref _hasLeft, 1);
    }

    /// <summary>Returns when the record has its place in the chain, for who will not be there in a moment.</summary>
    /// <exception cref="AuditFailedException">It is not stored.</exception>
    /// <exception cref="Exception">The database's own: it is stored, and others give it its place.</exception>
    public async Task RecordAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        await LeaveAsync(record, cancellationToken);
        await CatchUpAsync(cancellationToken);
    }

    /// <summary>Gives everything a place that was stored without one (<see cref="AuditWaiting"/>).</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        // In the database they would wait for each other with a connection each, and find nothing left.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (await writer.AppendAsync(cancellationToken))
            {
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <returns>Whether this process has left records since it was last asked.</returns>
    public bool TakeHasLeft() => Interlocked.Exchange(ref _hasLeft, 0) == 1;
}

/// <summary>A record of the audit trail could not be stored.</summary>
public sealed class AuditFailedException(Exception inner) : Exception("The audit trail could not be written to.", inner);
