using System.Globalization;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Events;

/// <summary>What flows into open pages: server-sent events, and stretches of logs.</summary>
internal static class EventRoutes
{
    private const int MaxStretch = 1024 * 1024;

    public static void MapEvents(this IEndpointRouteBuilder site)
    {
        site.MapGet("/app/events/workspaces", (HttpContext context, ListEvents lists, CancellationToken cancellationToken) =>
            Follow(context, lists, new ListScope(Admission.Of(context).Standing), cancellationToken));
        site.MapGet("/app/events/organizations/{organization}", (HttpContext context, ListEvents lists, CancellationToken cancellationToken) =>
            Follow(context, lists, ListOf(context), cancellationToken));
        site.MapGet("/app/events/workspaces/{id}", (HttpContext context, ListEvents lists, CancellationToken cancellationToken) =>
            Follow(context, lists, ListOf(context), cancellationToken));
        var events = site.MapGroup("/app/events/runs/{id}").AddEndpointFilter(RequirePhaseAsync);
        events.MapGet("", (string id, HttpContext context, RunEvents runs, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(
                context.WhileAllowedAsync(runs.FollowAsync(new RunId(id), LastSeen(context.Request, "version"), cancellationToken), cancellationToken)));
        var logs = events.MapGroup("/logs/{phase}").AuditedLog().AddEndpointFilter(NoteAsync);
        logs.MapGet("", (string id, string phase, HttpContext context, LogEvents events, CancellationToken cancellationToken) =>
            Results.ServerSentEvents(context.WhileAllowedAsync(
                events.FollowAsync(new RunId(id), EnumText.Parse<RunPhase>(phase), Offset(LastSeen(context.Request, "offset")), cancellationToken),
                cancellationToken)));
        logs.MapGet("/stretch", StretchAsync);
        logs.MapGet("/search", SearchAsync);
        logs.MapGet("/raw", RawAsync);
    }

    private static IResult Follow(HttpContext context, ListEvents lists, ListScope scope, CancellationToken cancellationToken) =>
        Results.ServerSentEvents(context.WhileAllowedAsync(
            lists.FollowAsync(scope, LastSeen(context.Request, "version"), cancellationToken), cancellationToken));

    /// <summary>Of what the route names.</summary>
    private static ListScope ListOf(HttpContext context)
    {
        var here = Admission.Of(context);
        return new ListScope(here.Standing, here.Scope.Organization, here.Scope.Workspace);
    }

    /// <summary>The lines between two offsets, which are those of <see cref="LogMarks"/> and of events.</summary>
    private static async Task<IResult> StretchAsync(
        string id, string phase, long? from, long? to, RunLogStore store, CancellationToken cancellationToken)
    {
        var start = Math.Max(0, from ?? 0);
        var length = (int)Math.Clamp((to ?? 0) - start, 0, MaxStretch);
        var stretch = await store.ReadAsync(new RunId(id), phase, start, length, cancellationToken);
        return Results.Text(LogLines.Write(start, stretch), "application/json");
    }

    private static async Task<IResult> SearchAsync(string id, string phase, string? q, RunLogStore store, CancellationToken cancellationToken)
    {
        var search = new LogSearch(q is { Length: <= LogSearch.MaxText } ? q : "");
        await foreach (var chunk in store.ChunksAsync(new RunId(id), phase, 0, long.MaxValue, cancellationToken))
        {
            if (search.IsFull)
            {
                break;
            }
            search.Take(chunk.Span);
        }
        return Results.Text(search.Write(), "application/json");
    }

    private static async Task RawAsync(string id, string phase, HttpContext context, RunLogStore store)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.ContentDisposition =
            $"{(context.Request.Query.ContainsKey("download") ? "attachment" : "inline")}; filename=\"{id}-{phase}.log\"";
        await foreach (var chunk in store.ChunksAsync(new RunId(id), phase, 0, long.MaxValue, context.RequestAborted))
        {
            await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        }
    }

    private static async ValueTask<object?> RequirePhaseAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        invocation.HttpContext.GetRouteValue("phase") is null or "plan" or "apply" ? await next(invocation) : Results.NotFound();

    private static ValueTask<object?> NoteAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        context.Audit().AboutLog(EnumText.Parse<RunPhase>((string)context.GetRouteValue("phase")!), new RunId((string)context.GetRouteValue("id")!));
        return next(invocation);
    }

    /// <summary>A browser that reconnects says itself how far it was.</summary>
    private static string? LastSeen(HttpRequest request, string parameter) =>
        request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last
        : request.Query[parameter].ToString() is { Length: > 0 } asked ? asked
        : null;

    private static long? Offset(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;
}
