namespace Orchestrator.Runs;

/// <summary>Looks once a second whether there is something to hand to the workers. A look that fails is followed by the next.</summary>
internal static class DispatchLoop
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Func<CancellationToken, Task> look, Action<Exception> failed, TimeProvider clock, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await look(stoppingToken);
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    failed(problem);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }
}
