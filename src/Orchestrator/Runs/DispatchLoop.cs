namespace Orchestrator.Runs;

/// <summary>Looks again and again whether there is something to do, such as to hand to the workers. A look that fails is followed by the next.</summary>
internal static class DispatchLoop
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <param name="interval">Default: a second.</param>
    public static async Task RunAsync(
        Func<CancellationToken, Task> look, Action<Exception> failed, TimeProvider clock, CancellationToken stoppingToken, TimeSpan? interval = null)
    {
        using var timer = new PeriodicTimer(interval ?? Second, clock);
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
