namespace Orchestrator.Web.Tests.Support;

/// <summary>Waits for what has no signal of its own. Never longer than its limit.</summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <returns>The first answer that is not null.</returns>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> look) where T : class
    {
        using var limit = new CancellationTokenSource(Limit);
        // What comes soon is seen soon, and who waits for long leaves the machine to the others.
        for (var pause = FirstLook; ; pause = pause * 1.2 < LongestPause ? pause * 1.2 : LongestPause)
        {
            if (await look() is { } found)
            {
                return found;
            }
            try
            {
                await Task.Delay(pause, limit.Token);
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
