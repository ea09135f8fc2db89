namespace Orchestrator.Web.Hosting;

/// <summary>Gives back, once, what only the start needed. Where the processor's cache is large the runtime would otherwise keep
/// it for hours, since an idle server makes no garbage that asks for a collection.</summary>
internal static class StartGarbage
{
    /// <summary>By then the first signing keys are made and the first pages are shown.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(4);

    public static void Release(WebApplication app) => _ = ReleaseAsync(app.Lifetime.ApplicationStopping);

    private static async Task ReleaseAsync(CancellationToken stopping)
    {
        await Task.Delay(Wait, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stopping.IsCancellationRequested)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
