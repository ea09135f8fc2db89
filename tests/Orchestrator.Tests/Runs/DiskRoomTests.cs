using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class DiskRoomTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RecordedLogs _logs = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly WorkerOptions _options = new() { MinFreeBytes = long.MaxValue };

    [Fact]
    public async Task Whoever_comes_to_a_full_disk_waits_until_there_is_room()
    {
        var room = Room();

        var waiting = room.ForRoomAsync(TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        _options.MinFreeBytes = 1;
        _clock.Advance(TimeSpan.FromSeconds(1));

        await waiting;
        Assert.True(room.ForRoomAsync(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task Once_a_minute_the_log_says_that_there_is_no_room_and_what_to_do()
    {
        using var over = new CancellationTokenSource();
        var room = Room();

        // Many wait, in all places of the worker.
        var waiting = Enumerable.Range(0, 3).Select(_ => room.ForRoomAsync(over.Token)).ToArray();
        for (var second = 0; second < 59; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        var warning = Assert.Single(_logs.Warnings);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains($"This worker takes no runs: the disk of {Path.Combine(_directory.Path, "runs")} has ", warning, StringComparison.Ordinal);
        Assert.Equal(2, _logs.Warnings.Count);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    [Fact]
    public async Task A_run_that_reaches_a_full_worker_stays_in_the_queue()
    {
        await using var installation = await Installation.CreateAsync(
            DatabaseProvider.Sqlite, services => services.Configure<WorkerOptions>(options => options.MinFreeBytes = long.MaxValue));
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        using var over = new CancellationTokenSource();

        var executing = installation.Get<RunJob>().ExecuteAsync(run.Id.Value, over.Token);
        await Wait.UntilAsync(() => installation.Logs.Warnings.Any(warning => warning.Contains("takes no runs", StringComparison.Ordinal)));
        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => executing);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    public void Dispose() => _directory.Dispose();

    private DiskRoom Room() => new(
        new DataDirectory(Options.Create(new DataOptions { DataDirectory = _directory.Path })), Options.Create(_options), _clock, _logs.CreateLogger<DiskRoom>());
}
