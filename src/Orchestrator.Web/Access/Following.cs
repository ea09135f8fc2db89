using System.Runtime.CompilerServices;
using Orchestrator.Access;

namespace Orchestrator.Web.Access;

/// <summary>Streams stay open for hours, and nobody asks about rights again by themselves.</summary>
internal static class Following
{
    /// <summary>The events of a stream until its reader may not read it any more, by the rule that has let them in.</summary>
    /// <remarks>Looked up with each event, of which there is one every few seconds at least; a right that is gone ends the stream with the
    /// next one.</remarks>
    public static async IAsyncEnumerable<T> WhileAllowedAsync<T>(
        this HttpContext context, IAsyncEnumerable<T> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (admission, need) = (Admission.Of(context), context.GetEndpoint()!.Metadata.GetRequiredMetadata<Need>());
        await foreach (var one in events.WithCancellation(cancellationToken))
        {
            if (!await IsAllowedAsync(context.RequestServices, admission, need, cancellationToken))
            {
                yield break;
            }
            yield return one;
        }
    }

    private static async ValueTask<bool> IsAllowedAsync(IServiceProvider services, Admission admission, Need need, CancellationToken cancellationToken)
    {
        var reader = admission.Caller.UserId is { } user
            ? await services.GetRequiredService<Principals>().FindAsync(user, cancellationToken) is { } person ? new Caller(person) : null
            : admission.Caller;
        return reader is not null && need.IsMet(new Admission(
            reader, await services.GetRequiredService<Standings>().OfAsync(reader.Principal, reader.RunToken, cancellationToken), admission.Scope));
    }
}
