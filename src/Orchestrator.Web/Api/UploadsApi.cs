using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

/// <summary>Where archives and states are sent to, and states fetched from: by signed links, without a header.</summary>
internal static class UploadsApi
{
    private const int MaxState = 256 * 1024 * 1024;

    public static void MapUploads(this IEndpointRouteBuilder api)
    {
        api.MapPut("/uploads/configurations/{link}", UploadConfigurationAsync)
            .WithSummary("Upload the archive of a configuration").TakesBytes("application/octet-stream").ReturnsNothing(StatusCodes.Status200OK).Audited("upload");
        api.MapPut("/uploads/states/{link}", UploadStateAsync)
            .WithSummary("Upload a state").TakesBytes("application/octet-stream").ReturnsNothing(StatusCodes.Status200OK).Audited("upload");
        api.MapPut("/uploads/states-json/{link}", async (string link, HttpRequest request, SignedLinks links, StateStore states) =>
        {
            var id = (await OpenAsync(links, LinkKind.StateJsonUpload, link, request)).Id;
            var outcome = await states.StoreJsonAsync(new StateVersionId(id), await request.ReadBytesAsync(MaxState), CancellationToken.None);
            return outcome == StateOutcome.Done ? Results.Ok() : throw StateProblems.OfJson(outcome);
        }).WithSummary("Upload a state as other programs read it").TakesBytes("application/octet-stream").ReturnsNothing(StatusCodes.Status200OK).Audited("upload");
        api.MapGet("/downloads/states/{link}", async (string link, HttpRequest request, SignedLinks links, StateStore states) =>
        {
            var id = (await OpenAsync(links, LinkKind.StateDownload, link, request)).Id;
            return await states.ReadFinalizedAsync(new StateVersionId(id), request.HttpContext.RequestAborted) is { } raw
                ? Results.Bytes(raw, "application/json")
                : throw ApiProblem.NotFound();
        }).WithSummary("Download a state").ReturnsBytes("application/json").AuditedDownload();
        api.MapGet("/downloads/states-json/{link}", async (string link, HttpRequest request, SignedLinks links, StateStore states) =>
        {
            var id = (await OpenAsync(links, LinkKind.StateJsonDownload, link, request)).Id;
            return await states.ReadJsonAsync(new StateVersionId(id), request.HttpContext.RequestAborted) is { } json
                ? Results.Bytes(json, "application/json")
                : throw ApiProblem.NotFound();
        }).WithSummary("Download a state as other programs read it").ReturnsBytes("application/json").AuditedDownload();
    }

    private static async Task<IResult> UploadConfigurationAsync(
        string link, HttpRequest request, SignedLinks links, ConfigurationStore configurations, RunQueue queue, OrchestratorDbContext db,
        IOptions<ConfigurationOptions> options)
    {
        var opened = await OpenAsync(links, LinkKind.ConfigurationUpload, link, request);
        var id = new ConfigurationVersionId(opened.Id);
        var archive = await request.ReadBytesAsync(options.Value.MaxArchiveBytes);
        var result = await configurations.UploadAsync(id, archive, request.HttpContext.RequestAborted);
        switch (result.Outcome)
        {
            case UploadOutcome.Refused:
                throw new ApiProblem(StatusCodes.Status422UnprocessableEntity, "invalid archive", result.Reason);
            case UploadOutcome.NotPending:
                throw ApiProblem.Conflict("The configuration version has had its upload. Create another one.");
            default:
                await QueueRunAsync(id, opened.Admission, queue, db, request.HttpContext.RequestAborted);
                return Results.Ok();
        }
    }

    private static async Task QueueRunAsync(
        ConfigurationVersionId id, Admission admission, RunQueue queue, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var version = await db.ConfigurationVersions.AsNoTracking().FirstAsync(row => row.Id == id, cancellationToken);
        if (version.AutoQueueRuns)
        {
            var creator = version.CreatedBy is { } name ? new Actor(version.CreatedById, name) : Actor.Platform;
            await queue.CreateAsync(new RunRequest(version.WorkspaceId, creator, RunSource.Upload)
            {
                ConfigurationVersionId = id,
                Reason = RunReason.ConfigurationUploaded,
                AutoApply = admission.May(WorkspaceRight.QueueApply) ? null : false,
                MayUseCredentials = admission.May(WorkspaceRight.RunWithCredentials),
            }, cancellationToken);
        }
    }

    private static async Task<IResult> UploadStateAsync(string link, HttpRequest request, SignedLinks links, StateStore states)
    {
        var id = new StateVersionId((await OpenAsync(links, LinkKind.StateUpload, link, request)).Id);
        var raw = await request.ReadBytesAsync(MaxState);
        // Not the request's token: a state that has arrived is stored, also when its sender has gone meanwhile.
        var result = await states.FinalizeAsync(id, raw, CancellationToken.None);
        return result.Outcome == StateOutcome.Done ? Results.Ok() : throw StateProblems.Of(result.Outcome);
    }

    /// <summary>Who made the link, and what it opens, is all that the audit trail can know about who uses it.</summary>
    private static async Task<OpenedLink> OpenAsync(SignedLinks links, LinkKind kind, string link, HttpRequest request)
    {
        var note = request.HttpContext.Audit();
        note.Via = "link";
        if (await links.OpenForAsync(kind, link, request.HttpContext.RequestAborted, Caller.TryOf(request.HttpContext)) is not { } opened)
        {
            note.Refuse("The link is not valid, or not any more.");
            throw NotValid();
        }
        (note.Caller, note.Scope) = (opened.Admission.Caller, opened.Admission.Scope);
        note.About(kind == LinkKind.ConfigurationUpload ? ConfigurationVersionResource.Type : StateVersionResource.Type, opened.Id);
        return opened;
    }

    private static ApiProblem NotValid() =>
        new(StatusCodes.Status404NotFound, "not found", "The link is not valid, or not any more. Ask for a new one.");
}
