using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Api;

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
        api.MapPost("/workspaces/{id}/configuration-versions", CreateAsync)
            .WithSummary("Announce a configuration, whose archive is uploaded next")
            .Takes<ConfigurationVersionRequest>().Creates<ConfigurationVersionResource>();
        api.MapGet("/workspaces/{id}/configuration-versions", ListAsync)
            .WithSummary("List the configurations of a workspace, newest first").ReturnsPage<ConfigurationVersionResource>();
        api.MapGet("/configuration-versions/{id}", (string id, HttpContext context, ConfigurationVersionResource versions) =>
            versions.ShowAsync(id, context))
            .WithSummary("Show a configuration").Returns<ConfigurationVersionResource>();
    }

    private static async Task<IResult> ListAsync(string id, HttpContext context, OrchestratorDbContext db, ConfigurationVersionResource versions)
    {
        var workspace = new WorkspaceId(id);
        return await db.Workspaces.AnyAsync(row => row.Id == workspace, context.RequestAborted)
            ? await versions.ShowPageAsync(
                db.ConfigurationVersions.AsNoTracking()
                    .Where(version => version.WorkspaceId == workspace)
                    .OrderByDescending(version => version.CreatedAt).ThenByDescending(version => version.Id)
                    .Select(version => new ConfigurationVersionView(version)),
                context)
            : throw ApiProblem.NotFound();
    }

    private static async Task<IResult> CreateAsync(
        string id, HttpContext context, OrchestratorDbContext db, SignedLinks links, TimeProvider clock, ConfigurationVersionResource versions)
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
        var link = links.Make(LinkKind.ConfigurationUpload, version.Id.Value, Caller.Of(context));
        return await versions.ShowNewAsync(
            new ConfigurationVersionView(version) { UploadUrl = context.AbsoluteUrl($"{ApiRoutes.Root}/uploads/configurations/{link}") }, context);
    }
}
