using Microsoft.EntityFrameworkCore;
using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Audit;

/// <summary>An entry as HCP's audit trail shows it. What it has no place for stands in <c>resource.meta</c>.</summary>
public sealed record AuditEvent(string Id, string Version, string Type, DateTimeOffset Timestamp, AuditAuth Auth, AuditRequest Request, AuditResource Resource)
{
    public static AuditEvent Of(AuditEntry entry) => new(
        entry.Id.Value, "0", "Resource", entry.At,
        new AuditAuth(entry.ActorId, entry.ActorName, entry.ActorKind is AuditActorKind.Platform or AuditActorKind.Console ? "System" : "Client", null, entry.OrganizationId?.Value),
        new AuditRequest(entry.RequestId),
        new AuditResource(entry.ResourceId, entry.ResourceType, entry.Action, new AuditMeta(
            entry.Sequence, EnumText.Of(entry.Outcome), EnumText.Of(entry.ActorKind), entry.TokenId?.Value, entry.Via, entry.WorkspaceId?.Value,
            entry.Route, entry.Status, entry.Address, entry.UserAgent, AuditDetail.Read(entry.Detail))));
}

public sealed record AuditAuth(string? AccessorId, string Description, string Type, string? ImpersonatorId, string? OrganizationId);

public sealed record AuditRequest(string? Id);

public sealed record AuditResource(string? Id, string Type, string Action, AuditMeta Meta);

public sealed record AuditMeta(
    long Sequence, string Outcome, string ActorKind, string? TokenId, string? Via, string? WorkspaceId, string? Route, int? Status, string? Address,
    string? UserAgent, IReadOnlyDictionary<string, string> Detail);

public sealed record AuditPage(IReadOnlyList<AuditEvent> Data, AuditPagination Pagination);

public sealed record AuditPagination(int CurrentPage, int? PrevPage, int? NextPage, int TotalPages, int TotalCount);

/// <summary>An entry as it is exported: with everything that its hash covers, in that order, so that the chain can be followed elsewhere
/// (<see cref="AuditHash"/>).</summary>
public sealed record AuditLine(
    long Sequence, string Id, long AtMs, DateTimeOffset At, string ActorKind, string? ActorId, string ActorName, string? TokenId, string? Via,
    string? OrganizationId, string? WorkspaceId, string Action, string ResourceType, string? ResourceId, string Outcome, string? Route, int? Status,
    string? Address, string? UserAgent, string? RequestId, string? Detail, string PreviousHash, string Hash)
{
    public static AuditLine Of(AuditEntry entry) => new(
        entry.Sequence, entry.Id.Value, entry.At.ToUnixTimeMilliseconds(), entry.At, EnumText.Of(entry.ActorKind), entry.ActorId, entry.ActorName,
        entry.TokenId?.Value, entry.Via, entry.OrganizationId?.Value, entry.WorkspaceId?.Value, entry.Action, entry.ResourceType, entry.ResourceId,
        EnumText.Of(entry.Outcome), entry.Route, entry.Status, entry.Address, entry.UserAgent, entry.RequestId, entry.Detail,
        Convert.ToHexStringLower(entry.PreviousHash), Convert.ToHexStringLower(entry.Hash));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(AuditLine))]
internal sealed partial class AuditDocumentsJson : JsonSerializerContext;

/// <summary>Entries, one JSON document a line. They go out as they come from the database, however many they are.</summary>
internal sealed class AuditExport(IQueryable<AuditEntry> entries) : IResult
{
    public const string MediaType = "application/jsonl";

    private const int WriteSize = 32 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = MediaType;
        response.Headers.ContentDisposition = "attachment; filename=\"audit-trail.jsonl\"";
        await WriteAsync(entries, response.BodyWriter, httpContext.RequestAborted);
    }

    public static async Task<long> WriteAsync(IQueryable<AuditEntry> entries, System.IO.Pipelines.PipeWriter output, CancellationToken cancellationToken)
    {
        var (count, written) = (0L, 0);
        await foreach (var entry in entries.OrderBy(entry => entry.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(AuditLine.Of(entry), AuditDocumentsJson.Default.AuditLine);
            output.Write(line);
            output.Write("\n"u8);
            count++;
            if ((written += line.Length) >= WriteSize)
            {
                await output.FlushAsync(cancellationToken);
                written = 0;
            }
        }
        await output.FlushAsync(cancellationToken);
        return count;
    }
}

/// <summary>A document in HCP's plain JSON, which is not JSON:API.</summary>
internal sealed class AuditPageResult(AuditPage page) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(page, AuditDocumentsJson.Default.AuditPage);
        httpContext.Response.ContentType = JsonApiResult.MediaType;
        httpContext.Response.ContentLength = body.Length;
        return httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
