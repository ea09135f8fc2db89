using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Hangfire.States;
using Hangfire.Storage;
using Orchestrator.Data.Announcements;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

public sealed class SharedJobStorageTests : IAsyncLifetime
{
    private static readonly string[] Queues = ["apply", "plan"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Announcements _announcements = new();
    private string _database = null!;

    public async ValueTask InitializeAsync() => _database = await SharedPlatforms.NewPostgresDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Whoever_waits_is_woken_by_the_announcement_of_another_process()
    {
        using var worker = Open();
        using var web = Open();
        var waiting = TakeAsync(worker);
        await _announcements.UntilSomebodyListensAsync();

        Enqueue(web, "plan");

        Assert.Equal("plan", (await waiting.WaitAsync(Limit)).Queue);
        Assert.Equal([Topic.Jobs("plan")], _announcements.Made);
    }

    /// <summary>Nobody tells them of the second job, and they do not look again within this test.</summary>
    [Fact]
    public async Task Who_has_got_a_job_lets_the_next_one_look()
    {
        using var worker = Open();
        using var web = Open(new Announcements());
        Enqueue(web, "plan");
        Enqueue(web, "apply");

        var taken = await Task.WhenAll(TakeAsync(worker), TakeAsync(worker)).WaitAsync(Limit);

        Assert.Equal(["apply", "plan"], taken.Select(job => job.Queue).Order());
    }

    [Fact]
    public async Task Whoever_stops_waiting_stops_at_once_first_in_the_line_or_not()
    {
        using var worker = Open();
        Task[] waiting = [TakeAsync(worker), TakeAsync(worker), TakeAsync(worker)];
        await _announcements.UntilSomebodyListensAsync();

        await _stop.CancelAsync();

        foreach (var one in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.WaitAsync(Limit));
        }
    }

    [Fact]
    public void A_jobs_state_is_nobodys_to_lock_and_everything_else_is()
    {
        using var storage = Open();
        using var one = storage.GetConnection();
        using var other = storage.GetConnection();

        using var state = one.AcquireDistributedLock("job:1:state-lock", TimeSpan.Zero);
        using var same = other.AcquireDistributedLock("job:1:state-lock", TimeSpan.Zero);
        using var schedule = one.AcquireDistributedLock("locks:schedulepoller", TimeSpan.Zero);

        Assert.Throws<PostgreSqlDistributedLockException>(() => other.AcquireDistributedLock("locks:schedulepoller", TimeSpan.Zero));
    }

    private SharedJobStorage Open(Announcements? announcements = null)
    {
        // Longer than any test.
        var options = new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromHours(1), UseSlidingInvisibilityTimeout = true };
        return new SharedJobStorage(new NpgsqlConnectionFactory(_database, options), options, announcements ?? _announcements);
    }

    private static void Enqueue(JobStorage storage, string queue) =>
        new BackgroundJobClient(storage).Create(() => Console.WriteLine(), new EnqueuedState(queue));

    /// <summary>As a worker's thread does.</summary>
    private Task<PostgreSqlFetchedJob> TakeAsync(SharedJobStorage storage) => Task.Factory.StartNew(
        () =>
        {
            using var connection = storage.GetConnection();
            return (PostgreSqlFetchedJob)connection.FetchNextJob(Queues, _stop.Token);
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>What two processes hear of each other.</summary>
    private sealed class Announcements : IAnnouncements
    {
        private readonly List<(Topic Topic, Subscription Subscription)> _subscriptions = [];
        private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<Topic> Made { get; } = [];

        public ValueTask AnnounceAsync(Topic topic, CancellationToken cancellationToken)
        {
            lock (_subscriptions)
            {
                Made.Add(topic);
                foreach (var (_, subscription) in _subscriptions.Where(one => one.Topic == topic))
                {
                    subscription.Heard.Release();
                }
            }
            return ValueTask.CompletedTask;
        }

        public ISubscription Subscribe(Topic topic)
        {
            lock (_subscriptions)
            {
                var subscription = new Subscription();
                _subscriptions.Add((topic, subscription));
                if (_subscriptions.Count == Queues.Length)
                {
                    _subscribed.TrySetResult();
                }
                return subscription;
            }
        }

        public Task UntilSomebodyListensAsync() => _subscribed.Task.WaitAsync(Limit);

        private sealed class Subscription : ISubscription
        {
            public SemaphoreSlim Heard { get; } = new(0);

            public async ValueTask WaitAsync(CancellationToken cancellationToken) => await Heard.WaitAsync(cancellationToken);

            public bool TryHear() => Heard.Wait(0);

            public void Dispose() => Heard.Dispose();
        }
    }
}
