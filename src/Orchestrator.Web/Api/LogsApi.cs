using Orchestrator.Web.Api.Description;

using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

/// <summary>Logs as the CLI reads them: any stretch of bytes, framed by STX and ETX, which count. ETX is only there when the phase,
/// and the run with it, has reached its next status: right after it the client asks how to go on.</summary>
internal static class LogsApi
{
    private const byte StartOfText = 0x02;
    private const byte EndOfText = 0x03;
    private const string Text = "text/plain; charset=utf-8";
    private const int DefaultLimit = 65536;
    private const int MaxLimit = 1024 * 1024;

    public static void MapLogs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/logs/plans/{link}", (string link, HttpRequest request, SignedLinks links, OrchestratorDbContext db, RunLogStore logs) =>
            ReadAsync(link, LinkKind.PlanLog, RunPhase.Plan, request, links, db, logs))
            .WithSummary("Read the log of a plan").ReturnsBytes(Text).AuditedLog().Stretch();
        api.MapGet("/logs/applies/{link}", (string link, HttpRequest request, SignedLinks links, OrchestratorDbContext db, RunLogStore logs) =>
            ReadAsync(link, LinkKind.ApplyLog, RunPhase.Apply, request, links, db, logs))
            .WithSummary("Read the log of an apply").ReturnsBytes(Text).AuditedLog().Stretch();
    }

    private static void Stretch(this RouteHandlerBuilder route) =>
        route.Query("offset", "The first byte that is wanted.").Query("limit", "How many bytes at most.");

    private static async Task<IResult> ReadAsync(
        string link, LinkKind kind, RunPhase phase, HttpRequest request, SignedLinks links, OrchestratorDbContext db, RunLogStore logs)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var note = request.HttpContext.Audit();
        note.Via = "link";
        if (await links.OpenForAsync(kind, link, cancellationToken) is not { } opened)
        {
            note.Refuse("The link is not valid, or not any more.");
            return Results.NotFound();
        }
        var run = new RunId(opened.Id);
        (note.Caller, note.Scope) = (opened.Admission.Caller, opened.Admission.Scope);
        note.AboutLog(phase, run);
        var offset = Math.Max(0, Number(request, "offset", 0));
        var limit = (int)Math.Clamp(Number(request, "limit", DefaultLimit), 0, MaxLimit);
        // The length first: what is stored after it is part of the next answer.
        var length = await LengthAsync(db, run, phase, cancellationToken);
        var content = await StretchAsync(logs, run, EnumText.Of(phase), offset, limit, length, cancellationToken);
        return Results.Bytes(content, Text);
    }

    private static async Task<byte[]> StretchAsync(
        RunLogStore logs, RunId run, string phase, long offset, int limit, long? length, CancellationToken cancellationToken)
    {
        var result = new List<byte>(Math.Min(limit, DefaultLimit));
        if (offset == 0 && limit > 0)
        {
            result.Add(StartOfText);
        }
        var from = Math.Max(0, offset - 1);
        result.AddRange(await logs.ReadAsync(run, phase, from, limit - result.Count, cancellationToken));
        if (length is { } whole && from + result.Count - (offset == 0 ? 1 : 0) >= whole && offset <= whole + 1 && result.Count < limit)
        {
            result.Add(EndOfText);
        }
        return [.. result];
    }

    /// <summary>The length of a log that is complete; null while it grows.</summary>
    private static Task<long?> LengthAsync(OrchestratorDbContext db, RunId run, RunPhase phase, CancellationToken cancellationToken) =>
        phase == RunPhase.Plan
            ? db.Plans.Where(plan => plan.RunId == run).Select(plan => plan.LogLength).FirstOrDefaultAsync(cancellationToken)
            : db.Applies.Where(apply => apply.RunId == run).Select(apply => apply.LogLength).FirstOrDefaultAsync(cancellationToken);

    private static long Number(HttpRequest request, string name, long fallback) =>
        long.TryParse(request.Query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : fallback;
}
