using System.Collections.Concurrent;

namespace Orchestrator.Data.Audit;

/// <summary>Where everybody in this process records what happened. Those who record at the same moment share one write.</summary>
public sealed class AuditTrail(AuditChainWriter writer) : IDisposable
{
    private readonly ConcurrentQueue<Pending> _pending = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Returns when the record is stored for good.</summary>
    /// <exception cref="Exception">The database's own: the record is not stored.</exception>
    public async Task RecordAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var own = new Pending(record);
        _pending.Enqueue(own);
        while (!own.IsOver)
        {
            // Whoever has the turn writes for all who wait; the others find theirs done.
            await _turn.WaitAsync(cancellationToken);
            try
            {
                if (!own.IsOver)
                {
                    await WriteAsync(cancellationToken);
                }
            }
            finally
            {
                _turn.Release();
            }
        }
        own.Check();
    }

    /// <summary>Returns when the record is stored for good; its place in the chain it gets with the next one's, or within seconds.</summary>
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
    }

    /// <summary>Gives everything a place that was stored without one (<see cref="AuditWaiting"/>).</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        while (await writer.AppendAsync([], cancellationToken))
        {
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var batch = new List<Pending>();
        while (batch.Count < AuditChainWriter.AtOnce && _pending.TryDequeue(out var next))
        {
            batch.Add(next);
        }
        try
        {
            await writer.AppendAsync([.. batch.Select(pending => pending.Record)], cancellationToken);
            batch.ForEach(pending => pending.End(null));
        }
        catch (Exception failed)
        {
            // Each of them learns of it.
            batch.ForEach(pending => pending.End(failed));
        }
    }

    private sealed class Pending(AuditRecord record)
    {
        private volatile bool _isOver;
        private Exception? _failed;

        public AuditRecord Record => record;

        public bool IsOver => _isOver;

        public void End(Exception? failed)
        {
            _failed = failed;
            _isOver = true;
        }

        public void Check()
        {
            if (_failed is not null)
            {
                throw new AuditFailedException(_failed);
            }
        }
    }
}

/// <summary>A record of the audit trail could not be stored.</summary>
public sealed class AuditFailedException(Exception inner) : Exception("The audit trail could not be written to.", inner);
