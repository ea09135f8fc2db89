using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Looks how much disk and memory a phase takes, and has it interrupted when that is more than it may: other runs share both.
/// One that takes even more while it should be saving its state is killed.</summary>
internal sealed class PhaseUsage : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly PhaseScope _scope;
    private readonly UsageLimits _limits;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _over = new();
    private readonly Dictionary<StopReason, long> _toldAt = [];
    private readonly Task _watching;

    private PhaseUsage(PhaseScope scope, UsageLimits limits, TimeProvider clock)
    {
        (_scope, _limits, _clock) = (scope, limits, clock);
        _watching = WatchAsync();
    }

    public static PhaseUsage Watch(PhaseScope scope, UsageLimits limits, TimeProvider clock) => new(scope, limits, clock);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task WatchAsync()
    {
        var directory = _scope.Directory!;
        while (true)
        {
            await Task.Delay(Pause, _clock, _over.Token);
            var processes = ProcessTree.WholeOf(_scope.Claim.Run.Id.Value, directory.User?.Id);
            Compare(DirectoryUsage.Of(directory.Root, processes), _limits.MaxDirectoryBytes, StopReason.DirectoryTooLarge);
            Compare(processes.Sum(ProcessTree.MemoryOf), _limits.MaxMemoryBytes, StopReason.MemoryTooLarge);
        }
    }

    private void Compare(long used, long limit, StopReason reason)
    {
        if (used <= limit)
        {
            return;
        }
        // What it took when it was told to stop, it may keep until it has saved its state.
        if (_toldAt.TryAdd(reason, used))
        {
            _scope.Watch.Interrupt(reason);
        }
        else if (used > _toldAt[reason] + (limit / 4))
        {
            _scope.Watch.KillNow();
        }
    }
}
