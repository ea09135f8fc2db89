using Hangfire.PostgreSql;
using Hangfire.Storage;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Web.Hosting;

/// <summary>Hangfire's queue on PostgreSQL, with less talk: of each process one thread asks for the jobs of its queues, however many wait, and it
/// is woken by the announcements that this process listens to anyway.</summary>
/// <remarks>By itself, each waiting thread has a connection that listens, and all of them ask whenever anybody has queued anything.</remarks>
internal sealed class SharedJobStorage(IConnectionFactory connections, PostgreSqlStorageOptions options, IAnnouncements announcements)
    : PostgreSqlStorage(connections, options), IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    private IAnnouncements Announcements => announcements;

    public override IStorageConnection GetConnection()
    {
        // Makes sure that the tables are there.
        base.GetConnection().Dispose();
        return new Connection(this);
    }

    public void Dispose()
    {
        _ending.Cancel();
        lock (_lines)
        {
            foreach (var line in _lines.Values)
            {
                line.Dispose();
            }
        }
        _ending.Dispose();
    }

    private Line LineFor(string[] queues)
    {
        var key = string.Join(',', queues);
        lock (_lines)
        {
            return _lines.TryGetValue(key, out var line) ? line : _lines[key] = new Line(this, queues, _ending.Token);
        }
    }

    private sealed class Connection(SharedJobStorage storage) : PostgreSqlConnection(storage)
    {
        public override IFetchedJob FetchNextJob(string[] queues, CancellationToken cancellationToken) => storage.LineFor(queues).Take(cancellationToken);

        public override IWriteOnlyTransaction CreateWriteTransaction() => new Transaction(storage);

        /// <remarks>A job's state is changed by the worker that has it and by nobody else, so there is nothing to lock: the pages about jobs only
        /// look, and a run is claimed by its row.</remarks>
        public override IDisposable AcquireDistributedLock(string resource, TimeSpan timeout) =>
            resource.StartsWith("job:", StringComparison.Ordinal) ? Nothing.ToRelease : base.AcquireDistributedLock(resource, timeout);
    }

    private sealed class Transaction(SharedJobStorage storage) : PostgreSqlWriteOnlyTransaction(storage, () => null)
    {
        private readonly HashSet<string> _queues = new(StringComparer.Ordinal);

        public override void AddToQueue(string queue, string jobId)
        {
            base.AddToQueue(queue, jobId);
            _queues.Add(queue);
        }

        /// <remarks>No job waits for the month after which it would be forgotten.</remarks>
        public override void PersistJob(string jobId)
        {
        }

        public override void Commit()
        {
            base.Commit();
            foreach (var queue in _queues)
            {
                // Nobody depends on it: each line looks by itself from time to time.
                _ = storage.Announcements.AnnounceAsync(Topic.Jobs(queue), CancellationToken.None).AsTask();
            }
        }
    }

    /// <summary>The threads that wait for jobs of the same queues. The first asks the database; who has got a job lets the next one ask.</summary>
    private sealed class Line : IDisposable
    {
        private readonly SemaphoreSlim _first = new(1);
        private readonly string[] _queues;
        private readonly PostgreSqlJobQueue _jobs;

        public Line(SharedJobStorage storage, string[] queues, CancellationToken ending)
        {
            _queues = queues;
            _jobs = new PostgreSqlJobQueue(storage);
            foreach (var queue in queues)
            {
                _ = WakeAsync(storage.Announcements.Subscribe(Topic.Jobs(queue)), ending);
            }
        }

        public IFetchedJob Take(CancellationToken cancellationToken)
        {
            _first.Wait(cancellationToken);
            try
            {
                return _jobs.Dequeue(_queues, cancellationToken);
            }
            finally
            {
                _first.Release();
            }
        }

        public void Dispose() => _first.Dispose();

        private async Task WakeAsync(ISubscription queued, CancellationToken ending)
        {
            using var subscription = queued;
            while (true)
            {
                await subscription.WaitAsync(ending);
                _jobs.FetchNextJob();
            }
        }
    }

    private sealed class Nothing : IDisposable
    {
        public static readonly Nothing ToRelease = new();

        public void Dispose()
        {
        }
    }
}
