namespace Orchestrator.Web.Tests.Support;

/// <summary>Waits for what has no signal of its own. Never longer than its limit.</summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(40);

    /// <returns>The first answer that is not null.</returns>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> look) where T : class
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(Look);
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }
            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited {Limit.TotalSeconds:0} seconds in vain for {what}.");
            }
        }
    }

    public static Task UntilAsync(string what, Func<bool> condition) =>
        ForAsync(what, () => Task.FromResult(condition() ? "" : null));
}
