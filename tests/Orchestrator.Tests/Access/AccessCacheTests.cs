using Microsoft.Extensions.Time.Testing;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class AccessCacheTests
{
    private readonly FakeTimeProvider _clock = new(Installation.Start);

    [Fact]
    public async Task What_is_known_is_not_asked_for_again()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        using var cache = new AccessCache(installation.Get<IAnnouncements>(), _clock);
        await ReadAsync(cache, "before");

        Assert.Equal("before", await ReadAsync(cache, "after"));
        _clock.Advance(AccessCache.Lifetime);
        Assert.Equal("after", await ReadAsync(cache, "after"));
    }

    [Fact]
    public async Task A_change_is_seen_at_once_here_and_by_whoever_hears_of_it()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        using var here = new AccessCache(installation.Get<IAnnouncements>(), _clock);
        using var elsewhere = new AccessCache(installation.Get<IAnnouncements>(), _clock);
        await ReadAsync(here, "before");
        await ReadAsync(elsewhere, "before");

        await here.ForgetAsync();

        Assert.Equal("after", await ReadAsync(here, "after"));
        Assert.Equal("after", await ReadAsync(elsewhere, "after"));
    }

    [Fact]
    public async Task What_was_read_before_a_change_is_not_remembered_after_it()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        using var cache = new AccessCache(installation.Get<IAnnouncements>(), _clock);
        var slow = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = cache.GetAsync("key", _ => slow.Task, CancellationToken.None).AsTask();

        await cache.ForgetAsync();
        slow.SetResult("before");
        await reading;

        Assert.Equal("after", await ReadAsync(cache, "after"));
    }

    [Fact]
    public async Task Nothing_is_not_remembered()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        using var cache = new AccessCache(installation.Get<IAnnouncements>(), _clock);
        Assert.Null(await ReadAsync(cache, null));

        Assert.Equal("new", await ReadAsync(cache, "new"));
    }

    private static ValueTask<string?> ReadAsync(AccessCache cache, string? value) =>
        cache.GetAsync("key", _ => Task.FromResult(value), CancellationToken.None);
}
