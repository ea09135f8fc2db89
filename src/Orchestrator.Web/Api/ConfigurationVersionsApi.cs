using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Api;

public sealed record ConfigurationVersionAttributes(
    string Status, string Source, bool Speculative, bool Provisional, bool AutoQueueRuns, string? Error, string? ErrorMessage,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps, string? UploadUrl);

public sealed record ConfigurationVersionRequest
{
    public bool? AutoQueueRuns { get; init; }

    public bool? Speculative { get; init; }

    public bool? Provisional { get; init; }
}

internal static class ConfigurationVersionsApi
{
    public static void MapConfigurationVersions(this IEndpointRouteBuilder api)
    {
        api.MapPost("/workspaces/{id}/configuration-versions", CreateAsync);
        api.MapGet("/workspaces/{id}/configuration-versions", async (string id, HttpRequest request, OrchestratorDbContext db) =>
            await db.Workspaces.AnyAsync(workspace => workspace.Id == new WorkspaceId(id), request.HttpContext.RequestAborted)
                ? await Paging.Of(request).AnswerAsync(
                    db.ConfigurationVersions.AsNoTracking()
                        .Where(version => version.WorkspaceId == new WorkspaceId(id))
                        .OrderByDescending(version => version.CreatedAt),
                    version => Map(version, uploadUrl: null),
                    request)
                : throw ApiProblem.NotFound());
        api.MapGet("/configuration-versions/{id}", async (string id, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.ConfigurationVersions.AsNoTracking().FirstOrDefaultAsync(
                version => version.Id == new ConfigurationVersionId(id), cancellationToken) is { } version
                ? JsonApiResult.Ok(Map(version, uploadUrl: null))
                : throw ApiProblem.NotFound());
    }

    private static async Task<IResult> CreateAsync(
        string id, HttpContext context, OrchestratorDbContext db, SignedLinks links, TimeProvider clock)
    {
        var workspace = new WorkspaceId(id);
        if (!await db.Workspaces.AnyAsync(row => row.Id == workspace, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
        var wanted = (await context.Request.ReadResourceAsync<ConfigurationVersionRequest>()).Attributes!;
        var version = new ConfigurationVersion
        {
            Id = Identifier.New<ConfigurationVersionId>(),
            WorkspaceId = workspace,
            Source = "tfe-api",
            Speculative = wanted.Speculative ?? false,
            Provisional = wanted.Provisional ?? false,
            AutoQueueRuns = wanted.AutoQueueRuns ?? true,
            CreatedAt = clock.GetUtcNow(),
        };
        db.ConfigurationVersions.Add(version);
        await db.SaveChangesAsync(context.RequestAborted);
        var link = links.Make(LinkKind.ConfigurationUpload, version.Id.Value, Caller.Of(context));
        return JsonApiResult.Created(Map(version, context.AbsoluteUrl($"{ApiRoutes.Root}/uploads/configurations/{link}")));
    }

    private static Resource<ConfigurationVersionAttributes> Map(ConfigurationVersion version, string? uploadUrl)
    {
        var timestamps = new Dictionary<string, DateTimeOffset>();
        if (version.UploadedAt is { } at)
        {
            timestamps[version.Status == ConfigurationVersionStatus.Errored ? "errored-at" : "uploaded-at"] = at;
        }
        return new Resource<ConfigurationVersionAttributes>(version.Id.Value, "configuration-versions", new ConfigurationVersionAttributes(
            EnumText.Of(version.Status), version.Source, version.Speculative, version.Provisional, version.AutoQueueRuns,
            version.ErrorMessage is null ? null : "invalid_archive", version.ErrorMessage, timestamps, uploadUrl))
        {
            Relationships = new Dictionary<string, Relationship>
            {
                ["ingress-attributes"] = Relationship.One("ingress-attributes", null),
                ["workspace"] = Relationship.One(WorkspaceResource.Type, version.WorkspaceId.Value),
            },
            Links = new Dictionary<string, string> { ["self"] = $"{ApiRoutes.Root}/configuration-versions/{version.Id}" },
        };
    }
}
