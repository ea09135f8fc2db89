using System.Runtime.CompilerServices;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Web.Access;

/// <summary>Streams stay open for hours, and nobody asks about rights again by themselves.</summary>
internal static class Following
{
    /// <summary>The events of a stream until its reader may not read it any more, by the rule that has let them in, or is not signed in any
    /// more.</summary>
    /// <remarks>Looked up with each event, of which there is one every few seconds at least, and whenever anybody's rights or sessions have
    /// changed: whoever has signed out sees nothing from then on. An open stream is no use of its session, which ends by itself when
    /// its person is away.</remarks>
    public static async IAsyncEnumerable<T> WhileAllowedAsync<T>(
        this HttpContext context, IAsyncEnumerable<T> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (services, admission, need) = (context.RequestServices, Admission.Of(context), context.GetEndpoint()!.Metadata.GetRequiredMetadata<Need>());
        using var changes = services.GetRequiredService<IAnnouncements>().Subscribe(Topic.Access);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var reading = events.GetAsyncEnumerator(leaving.Token);
        var isAllowed = true;
        while (isAllowed)
        {
            var next = reading.MoveNextAsync().AsTask();
            while (isAllowed && await ChangesBeforeAsync(next, changes))
            {
                isAllowed = await IsAllowedAsync(services, admission, need, cancellationToken);
            }
            if (!isAllowed)
            {
                // It waits for an event that nobody will read.
                await leaving.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (await next && await IsAllowedAsync(services, admission, need, cancellationToken))
            {
                yield return reading.Current;
            }
            else
            {
                isAllowed = false;
            }
        }
    }

    /// <returns>False when the event is there, or will never be.</returns>
    private static async Task<bool> ChangesBeforeAsync(Task next, ISubscription changes)
    {
        if (next.IsCompleted)
        {
            return false;
        }
        using var heard = new CancellationTokenSource();
        var change = changes.WaitAsync(heard.Token).AsTask();
        var first = await Task.WhenAny(next, change);
        await heard.CancelAsync();
        // One that comes in this moment is not lost: every event is followed by a look.
        await change.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return first == change;
    }

    private static async ValueTask<bool> IsAllowedAsync(IServiceProvider services, Admission admission, Need need, CancellationToken cancellationToken)
    {
        if (admission.Caller.SessionId is { } session && !await services.GetRequiredService<Sessions>().IsAliveAsync(session, cancellationToken))
        {
            return false;
        }
        var reader = admission.Caller.UserId is { } user
            ? await services.GetRequiredService<Principals>().FindAsync(user, cancellationToken) is { } person ? new Caller(person) : null
            : admission.Caller;
        return reader is not null && need.IsMet(new Admission(
            reader, await services.GetRequiredService<Standings>().OfAsync(reader.Principal, reader.RunToken, cancellationToken), admission.Scope));
    }
}
