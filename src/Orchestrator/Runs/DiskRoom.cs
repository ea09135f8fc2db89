using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Keeps a worker whose disk is full from taking runs: it would fail one after the other, faster than all others carry theirs out.</summary>
/// <remarks>The job that has reached this worker waits here, and with it the place in which it would be carried out. So a full worker soon takes no
/// jobs at all, and whoever waits behind one is handed to another worker (<see cref="RunTurns.WakeAsync"/>).</remarks>
public sealed partial class DiskRoom(DataDirectory data, IOptions<WorkerOptions> options, TimeProvider clock, ILogger<DiskRoom> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private long? _warnedAt;

    /// <summary>Returns at once where there is room.</summary>
    public async Task ForRoomAsync(CancellationToken cancellationToken)
    {
        while (new DriveInfo(data.Runs).AvailableFreeSpace is var free && free < options.Value.MinFreeBytes)
        {
            Warn(free);
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private void Warn(long free)
    {
        if (_warnedAt is { } warned && clock.GetElapsedTime(warned) < BetweenWarnings)
        {
            return;
        }
        _warnedAt = clock.GetTimestamp();
        Log.NoRoom(logger, data.Runs, free, options.Value.MinFreeBytes);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "This worker takes no runs: the disk of {Directory} has {Free} bytes left, and {Wanted} are wanted (Orchestrator__Worker__MinFreeBytes). Make room on it.")]
        public static partial void NoRoom(ILogger logger, string directory, long free, long wanted);
    }
}
