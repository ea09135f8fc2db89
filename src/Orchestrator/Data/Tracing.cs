using System.Diagnostics;

namespace Orchestrator.Data;

/// <summary>The spans by which a run can be followed from the request that made it to its wipe. They cost nothing while nobody listens.</summary>
/// <remarks>Spans carry ids, names and figures. What may hold a secret – values, links, messages of others – is no attribute of any.</remarks>
public static class Tracing
{
    public const string SourceName = "Orchestrator";

    /// <summary>Of a W3C <c>traceparent</c>.</summary>
    public const int ContextLength = 55;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Where a later step, in whichever process, goes on: a W3C <c>traceparent</c> for the row that stands for the work. Null while
    /// nobody listens here.</summary>
    public static string? Context => Source.HasListeners() ? Activity.Current?.Id : null;

    /// <returns>Null when nobody listens, or the trace is not sampled.</returns>
    public static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal) => Source.StartActivity(name, kind);

    /// <summary>A span of the trace that was begun where <paramref name="context"/> was stored; of a new one where there is none.</summary>
    /// <param name="startedAt">Null: now.</param>
    public static Activity? Continue(
        string name, string? context, ActivityKind kind = ActivityKind.Internal, DateTimeOffset? startedAt = null, IEnumerable<ActivityLink>? links = null) =>
        Source.StartActivity(name, kind, Parse(context), tags: null, links, startedAt ?? default);

    /// <summary>Puts into a trace that something was done to it from elsewhere, such as by another request, and ties the two together.</summary>
    public static void Join(string name, string? context, params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var other = Parse(context);
        if (!Source.HasListeners() || other == default)
        {
            return;
        }
        var here = Activity.Current;
        using var joined = Continue(name, context, links: here is null ? null : [new ActivityLink(here.Context)]);
        foreach (var (fact, value) in facts)
        {
            joined?.SetTag(fact, value);
        }
        here?.AddLink(new ActivityLink(other));
    }

    /// <summary>Says of a span that its work failed, and by what kind of error.</summary>
    public static void Fail(this Activity? span, Exception error) => span.Fail(error.GetType().Name);

    public static void Fail(this Activity? span, string kind) => span?.SetTag("error.type", kind).SetStatus(ActivityStatusCode.Error);

    private static ActivityContext Parse(string? context) =>
        context is not null && ActivityContext.TryParse(context, traceState: null, isRemote: true, out var parsed) ? parsed : default;
}
