using Orchestrator.Data.Announcements;

namespace Orchestrator.Web.Pages.Events;

internal static class Waiting
{
    /// <summary>An announcement may be missed, so listeners look again by themselves.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <returns>False when there was no announcement for a while, or it is time to leave.</returns>
    public static async Task<bool> ChangedAsync(
        this ISubscription changes, TimeProvider clock, CancellationToken leaving, TimeSpan? patience = null)
    {
        using var time = new CancellationTokenSource(patience is { } shorter && shorter < Patience ? shorter : Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, leaving);
        try
        {
            await changes.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
