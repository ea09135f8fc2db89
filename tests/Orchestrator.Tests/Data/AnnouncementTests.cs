using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class AnnouncementTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Topic _topic = Topic.Run(Identifier.New<RunId>());

    [Theory, EachDatabase]
    public async Task Whoever_listens_in_this_process_is_told(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var announcements = installation.Get<IAnnouncements>();
        using var subscription = announcements.Subscribe(_topic);

        await announcements.AnnounceAsync(_topic, CancellationToken.None);

        await WaitAsync(subscription);
    }

    [Theory, EachDatabase]
    public async Task Several_announcements_that_nobody_has_heard_count_as_one(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var announcements = installation.Get<IAnnouncements>();
        using var subscription = announcements.Subscribe(_topic);

        await announcements.AnnounceAsync(_topic, CancellationToken.None);
        await announcements.AnnounceAsync(_topic, CancellationToken.None);

        await WaitAsync(subscription);
        Assert.False(subscription.WaitAsync(CancellationToken.None).AsTask().IsCompleted);
    }

    [Theory, EachDatabase]
    public async Task Another_topics_announcements_are_not_heard(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var announcements = installation.Get<IAnnouncements>();
        using var subscription = announcements.Subscribe(_topic);

        await announcements.AnnounceAsync(Topic.Run(Identifier.New<RunId>()), CancellationToken.None);

        Assert.False(subscription.WaitAsync(CancellationToken.None).AsTask().IsCompleted);
    }

    [Theory, EachDatabase]
    public async Task Everybody_who_listens_is_told_and_nobody_who_has_left(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var announcements = installation.Get<IAnnouncements>();
        using var first = announcements.Subscribe(_topic);
        using var second = announcements.Subscribe(_topic);
        var gone = announcements.Subscribe(_topic);
        gone.Dispose();

        await announcements.AnnounceAsync(_topic, CancellationToken.None);

        await WaitAsync(first);
        await WaitAsync(second);
        Assert.False(gone.WaitAsync(CancellationToken.None).AsTask().IsCompleted);
    }

    [Fact]
    public async Task On_postgresql_the_other_processes_are_told_too()
    {
        await using var one = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = one.Beside();
        await using var listening = await ListeningAsync(other);
        using var subscription = other.Get<IAnnouncements>().Subscribe(_topic);

        await one.Get<IAnnouncements>().AnnounceAsync(_topic, CancellationToken.None);

        await WaitAsync(subscription);
    }

    [Fact]
    public async Task On_postgresql_a_lost_connection_is_made_again()
    {
        await using var one = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = one.Beside();
        await using var listening = await ListeningAsync(other);
        using var subscription = other.Get<IAnnouncements>().Subscribe(_topic);

        await using (var db = one.Open())
        {
            await db.Database.ExecuteSqlRawAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN orchestrator' AND datname = current_database()");
        }
        await Wait.UntilAsync(() => other.Logs.Warnings.Count > 0);
        other.Clock.Advance(TimeSpan.FromSeconds(1));
        await UntilListeningAsync(other);
        await one.Get<IAnnouncements>().AnnounceAsync(_topic, CancellationToken.None);

        await WaitAsync(subscription);
    }

    /// <summary>What it is about is stored already: whoever did that is not told that it failed.</summary>
    [Fact]
    public async Task On_postgresql_an_announcement_while_the_database_is_away_reaches_this_process_and_fails_nobody()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var nothing = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");
        using var announcements = new PostgresAnnouncements(nothing, installation.Clock, installation.Logs.CreateLogger<PostgresAnnouncements>());
        using var subscription = announcements.Subscribe(_topic);

        await announcements.AnnounceAsync(_topic, CancellationToken.None);

        await WaitAsync(subscription);
        Assert.Contains("were not told", Assert.Single(installation.Logs.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_postgresql_a_process_that_listens_hears_its_own_words_once()
    {
        await using var one = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = one.Beside();
        await using var listening = await ListeningAsync(one);
        await using var answering = await ListeningAsync(other, processes: 2);
        using var own = one.Get<IAnnouncements>().Subscribe(_topic);
        using var fromOther = one.Get<IAnnouncements>().Subscribe(Topic.Access);
        using var atOther = other.Get<IAnnouncements>().Subscribe(_topic);

        await one.Get<IAnnouncements>().AnnounceAsync(_topic, CancellationToken.None);
        await WaitAsync(own);
        await WaitAsync(atOther);
        // Comes after what the database has to say of the first.
        await other.Get<IAnnouncements>().AnnounceAsync(Topic.Access, CancellationToken.None);
        await WaitAsync(fromOther);

        Assert.False(own.TryHear());
    }

    [Fact]
    public async Task On_postgresql_a_process_that_ends_says_what_it_has_to_say()
    {
        await using var one = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = one.Beside();
        await using var listening = await ListeningAsync(other);
        using var subscription = other.Get<IAnnouncements>().Subscribe(_topic);
        await using (await ListeningAsync(one))
        {
        }

        await one.Get<IAnnouncements>().AnnounceAsync(_topic, CancellationToken.None);

        await WaitAsync(subscription);
    }

    [Fact]
    public async Task On_postgresql_a_process_goes_on_telling_when_the_database_was_away()
    {
        await using var one = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = one.Beside();
        await using var listening = await ListeningAsync(other);
        await using var telling = await ListeningAsync(one);
        using var subscription = other.Get<IAnnouncements>().Subscribe(_topic);
        await one.Get<IAnnouncements>().AnnounceAsync(_topic, CancellationToken.None);
        await WaitAsync(subscription);
        await using (var db = one.Open())
        {
            await db.Database.ExecuteSqlRawAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_notify%' AND datname = current_database()");
        }

        // The first finds out, and is lost.
        await one.Get<IAnnouncements>().AnnounceAsync(_topic, CancellationToken.None);
        await Wait.UntilAsync(() => one.Logs.Warnings.Count > 0);
        await one.Get<IAnnouncements>().AnnounceAsync(_topic, CancellationToken.None);

        await Wait.UntilAsync(() =>
        {
            one.Clock.Advance(TimeSpan.FromSeconds(1));
            return subscription.TryHear();
        });
    }

    [Fact]
    public async Task On_postgresql_a_process_tries_once_a_second_while_the_database_is_away()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var nothing = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");
        using var announcements = new PostgresAnnouncements(nothing, installation.Clock, installation.Logs.CreateLogger<PostgresAnnouncements>());
        await announcements.StartAsync(CancellationToken.None);
        // It cannot listen: it is under way.
        await Wait.UntilAsync(() => installation.Logs.Warnings.Count > 0);
        await announcements.AnnounceAsync(_topic, CancellationToken.None);

        var seconds = 0;
        await Wait.UntilAsync(() =>
        {
            installation.Clock.Advance(TimeSpan.FromSeconds(1));
            seconds++;
            return installation.Logs.Warnings.Count(warning => warning.Contains("were not told", StringComparison.Ordinal)) >= 3;
        });
        await announcements.StopAsync(CancellationToken.None);

        // And once more to say at the end what is left.
        Assert.InRange(installation.Logs.Warnings.Count(warning => warning.Contains("were not told", StringComparison.Ordinal)), 3, seconds + 2);
    }

    [Fact]
    public async Task On_postgresql_a_process_knows_whether_others_are_there()
    {
        await using var one = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = one.Beside();
        var neighbours = one.Get<INeighbours>();
        // It cannot be seen itself yet, so nobody can be sure of it.
        Assert.False(await neighbours.AreNoneAsync(CancellationToken.None));
        await using var listening = await ListeningAsync(one);

        await Wait.UntilAsync(() => neighbours.AreNoneAsync(CancellationToken.None));
        await using (await ListeningAsync(other))
        {
            // It is there when it listens, which it may be about to.
            await Wait.UntilAsync(async () => !await neighbours.AreNoneAsync(CancellationToken.None));
        }
        await other.CrashAsync();

        await Wait.UntilAsync(() => neighbours.AreNoneAsync(CancellationToken.None));
    }

    private static async Task WaitAsync(ISubscription subscription) => await subscription.WaitAsync(CancellationToken.None).AsTask().WaitAsync(Limit);

    /// <param name="processes">How many listen then.</param>
    private static async Task<IAsyncDisposable> ListeningAsync(Installation installation, int processes = 1)
    {
        var listener = installation.Get<PostgresAnnouncements>();
        await listener.StartAsync(CancellationToken.None);
        await UntilListeningAsync(installation, processes);
        return new Stop(listener);
    }

    private static Task UntilListeningAsync(Installation installation, int processes = 1) => Wait.UntilAsync(async () =>
    {
        await using var db = installation.Open();
        return await db.Database.SqlQueryRaw<int>(
            "SELECT count(*)::int AS \"Value\" FROM pg_stat_activity "
            + "WHERE query = 'LISTEN orchestrator' AND state = 'idle' AND datname = current_database()").SingleAsync() >= processes;
    });

    private sealed class Stop(PostgresAnnouncements listener) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await listener.StopAsync(CancellationToken.None);
    }
}
