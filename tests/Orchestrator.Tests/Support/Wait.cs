namespace Orchestrator.Tests.Support;

/// <summary>Waits for what has no signal of its own, such as a process's end. Never longer than its limit.</summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        // What comes soon is seen soon, and who waits for long leaves the machine to the others.
        for (var pause = FirstLook; !await condition(); pause = pause * 1.2 < LongestPause ? pause * 1.2 : LongestPause)
        {
            await Task.Delay(pause, limit.Token);
        }
    }
}
