using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Runs;

namespace Orchestrator.Web.Pages.Events;

/// <summary>What flows into open pages: server-sent events, and stretches of logs.</summary>
internal static class EventRoutes
{
    private const int EarlierBytes = 256 * 1024;

    public static void MapEvents(this IEndpointRouteBuilder site)
    {
        var events = site.MapGroup("/app/events/runs/{id}").AddEndpointFilter(RequireRunAsync);
        events.MapGet("", (string id, HttpRequest request, RunEvents runs, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(runs.FollowAsync(new RunId(id), LastSeen(request, "version"), cancellationToken)));
        events.MapGet("/logs/{phase}", (string id, string phase, HttpRequest request, LogEvents logs, CancellationToken cancellationToken) =>
            EnumText.TryParse<RunPhase>(phase, out var known)
                ? Results.ServerSentEvents(logs.FollowAsync(new RunId(id), known, Offset(LastSeen(request, "offset")), cancellationToken))
                : Results.NotFound());
        events.MapGet("/logs/{phase}/earlier", EarlierAsync);
        events.MapGet("/logs/{phase}/raw", RawAsync);
    }

    /// <summary>The whole lines that end at <c>before</c>.</summary>
    private static async Task<IResult> EarlierAsync(
        string id, string phase, long before, RunLogStore store, CancellationToken cancellationToken)
    {
        var from = Math.Max(0, before - EarlierBytes);
        var stretch = await store.ReadAsync(new RunId(id), phase, from, (int)(Math.Max(0, before) - from), cancellationToken);
        var cut = from == 0 ? 0 : LogLines.AfterFirstBreak(stretch);
        return Results.Text(
            LogLines.Write(from + cut, stretch.AsMemory(cut)), "application/json");
    }

    private static async Task RawAsync(string id, string phase, HttpContext context, RunLogStore store)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"inline; filename=\"{id}-{phase}.log\"";
        await foreach (var chunk in store.ChunksAsync(new RunId(id), phase, 0, long.MaxValue, context.RequestAborted))
        {
            await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        }
    }

    private static async ValueTask<object?> RequireRunAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        return Identifier.TryParse<RunId>(context.GetRouteValue("id") as string, out var id)
            && context.GetRouteValue("phase") is null or "plan" or "apply"
            && await db.Runs.AnyAsync(run => run.Id == id, context.RequestAborted)
                ? await next(invocation)
                : Results.NotFound();
    }

    /// <summary>A browser that reconnects says itself how far it was.</summary>
    private static string? LastSeen(HttpRequest request, string parameter) =>
        request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last
        : request.Query[parameter].ToString() is { Length: > 0 } asked ? asked
        : null;

    private static long? Offset(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;
}
