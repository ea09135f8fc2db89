using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

public sealed record ConfigurationVersionRequest
{
    public bool? AutoQueueRuns { get; init; }

    public bool? Speculative { get; init; }

    public bool? Provisional { get; init; }
}

internal static class ConfigurationVersionsApi
{
    private const string Archive = "application/octet-stream";

    public static void MapConfigurationVersions(this IEndpointRouteBuilder api)
    {
        api.MapPost("/workspaces/{id}/configuration-versions", CreateAsync)
            .WithSummary("Announce a configuration, whose archive is uploaded next")
            .Takes<ConfigurationVersionRequest>().Creates<ConfigurationVersionResource>();
        api.MapGet("/workspaces/{id}/configuration-versions", ListAsync)
            .WithSummary("List the configurations of a workspace, newest first").ReturnsPage<ConfigurationVersionResource>();
        api.MapGet("/configuration-versions/{id}", (string id, HttpContext context, ConfigurationVersionResource versions) =>
            versions.ShowAsync(id, context))
            .WithSummary("Show a configuration").Returns<ConfigurationVersionResource>();
        api.MapGet("/configuration-versions/{id}/ingress-attributes", async (
            string id, HttpContext context, OrchestratorDbContext db, IngressAttributesResource ingress) =>
            await ingress.ShowAsync(await IngressAttributesResource.View(
                db.IngressAttributes.AsNoTracking().Where(row => row.ConfigurationVersionId == new ConfigurationVersionId(id)), db)
                .FirstOrDefaultAsync(context.RequestAborted), context))
            .WithSummary("Show where a configuration came from that was fetched from version control").Returns<IngressAttributesResource>();
        api.MapGet("/configuration-versions/{id}/download", (string id, ConfigurationStore store, CancellationToken cancellationToken) =>
            DownloadAsync(new ConfigurationVersionId(id), store, cancellationToken))
            .WithSummary("Fetch the archive of a configuration").ReturnsBytes(Archive).AuditedDownload();
        api.MapPost("/configuration-versions/{id}/actions/archive", ArchiveAsync)
            .WithSummary("Delete the archive of a configuration that nothing needs any more").ReturnsNothing(StatusCodes.Status202Accepted);
        api.MapGet("/runs/{id}/configuration-version", async (string id, HttpContext context, OrchestratorDbContext db, ConfigurationVersionResource versions) =>
            await versions.ShowAsync((await db.ConfigurationOfAsync(id, context.RequestAborted)).Value, context))
            .WithSummary("Show the configuration of a run").Returns<ConfigurationVersionResource>();
        api.MapGet("/runs/{id}/configuration-version/download", async (
            string id, OrchestratorDbContext db, ConfigurationStore store, CancellationToken cancellationToken) =>
            await DownloadAsync(await db.ConfigurationOfAsync(id, cancellationToken), store, cancellationToken))
            .WithSummary("Fetch the archive of a run's configuration").ReturnsBytes(Archive).AuditedDownload();
    }

    private static async Task<IResult> ListAsync(string id, HttpContext context, OrchestratorDbContext db, ConfigurationVersionResource versions)
    {
        var workspace = new WorkspaceId(id);
        return await db.Workspaces.AnyAsync(row => row.Id == workspace, context.RequestAborted)
            ? await versions.ShowPageAsync(
                db.ConfigurationVersions.AsNoTracking()
                    .Where(version => version.WorkspaceId == workspace)
                    .OrderByDescending(version => version.CreatedAt).ThenByDescending(version => version.Id),
                context)
            : throw ApiProblem.NotFound();
    }

    private static async Task<IResult> CreateAsync(
        string id, HttpContext context, OrchestratorDbContext db, TimeProvider clock, ConfigurationVersionResource versions)
    {
        var workspace = new WorkspaceId(id);
        if (!await db.Workspaces.AnyAsync(row => row.Id == workspace, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
        var caller = Caller.Of(context);
        var wanted = (await context.Request.ReadResourceAsync<ConfigurationVersionRequest>()).Attributes!;
        var version = new ConfigurationVersion
        {
            Id = Identifier.New<ConfigurationVersionId>(),
            WorkspaceId = workspace,
            Source = "tfe-api",
            Speculative = wanted.Speculative ?? false,
            Provisional = wanted.Provisional ?? false,
            AutoQueueRuns = wanted.AutoQueueRuns ?? true,
            CreatedById = caller.Actor.Id,
            CreatedBy = caller.Name,
            CreatedAt = clock.GetUtcNow(),
        };
        db.ConfigurationVersions.Add(version);
        await db.SaveChangesAsync(context.RequestAborted);
        return await versions.ShowNewAsync(version, context);
    }

    private static async Task<IResult> DownloadAsync(ConfigurationVersionId id, ConfigurationStore store, CancellationToken cancellationToken) =>
        await store.ReadAsync(id, cancellationToken) is { } archive
            ? Results.Bytes(archive, Archive, $"{id}.tar.gz")
            : throw ApiProblem.NotFound();

    private static async Task<IResult> ArchiveAsync(string id, ConfigurationArchival archival, CancellationToken cancellationToken) =>
        await archival.ArchiveAsync(new ConfigurationVersionId(id), cancellationToken) switch
        {
            ArchivalOutcome.Archived => Results.Accepted(),
            ArchivalOutcome.NotUploaded => throw ApiProblem.Conflict("The configuration version has no archive: it waits for its upload, was refused, or is archived already."),
            ArchivalOutcome.IsCurrent => throw ApiProblem.Conflict("The workspace's next run would use this configuration version. Upload another one first."),
            ArchivalOutcome.InUse => throw ApiProblem.Conflict("A run of this configuration version is not over yet."),
        };

    /// <exception cref="ApiProblem">There is no such run.</exception>
    private static async Task<ConfigurationVersionId> ConfigurationOfAsync(this OrchestratorDbContext db, string run, CancellationToken cancellationToken) =>
        await db.Runs.Where(row => row.Id == new RunId(run)).Select(row => (ConfigurationVersionId?)row.ConfigurationVersionId)
            .FirstOrDefaultAsync(cancellationToken) ?? throw ApiProblem.NotFound();
}
