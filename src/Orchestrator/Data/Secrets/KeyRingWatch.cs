using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.Data.Secrets;

/// <summary>Takes up new keys of the ring while the process runs, so that a rotation needs no restart.</summary>
public sealed class KeyRingWatch(KeyRing ring, IOptions<KeyRingOptions> options, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Watch, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            ring.Refresh();
        }
    }
}
