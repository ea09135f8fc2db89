using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>The older half of tags: names without a value. A binding with a value is told here by its key.</summary>
internal static class TagsApi
{
    public static void MapTags(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/tags", ListAsync).Needs(OrganizationRight.Read)
            .WithSummary("List the tags that an organisation's workspaces have").ReturnsPage<TagResource>()
            .Query("q", "Part of a name.").Query("filter[exclude][taggable][id]", "A workspace whose tags are left out.");
        api.MapDelete("/organizations/{organization}/tags", DeleteAsync).Needs(OrganizationRight.ManageTags)
            .WithSummary("Take tags from all workspaces of an organisation").TakesIdentifiers().ReturnsNothing();
        api.MapPost("/tags/{id}/relationships/workspaces", TagAsync).Needs(OrganizationRight.ManageTags)
            .WithSummary("Give a tag to workspaces").TakesIdentifiers().ReturnsNothing();
        api.MapGet("/workspaces/{id}/relationships/tags", ListOfWorkspaceAsync).Needs(WorkspaceRight.ReadSettings)
            .WithSummary("List a workspace's tags").ReturnsPage<TagResource>().Query("name", "A whole name.");
        api.MapPost("/workspaces/{id}/relationships/tags", AddAsync).Needs(WorkspaceRight.ManageTags)
            .WithSummary("Add tags to a workspace, by id or name").TakesIdentifiers().ReturnsNothing();
        api.MapDelete("/workspaces/{id}/relationships/tags", RemoveAsync).Needs(WorkspaceRight.ManageTags)
            .WithSummary("Take tags from a workspace, by id or name").TakesIdentifiers().ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(
        string organization, HttpContext context, OrchestratorDbContext db, TagResource resources, CancellationToken cancellationToken)
    {
        var owner = await db.OrganizationAsync(organization, cancellationToken);
        var tags = db.WorkspaceTags.AsNoTracking().Where(tag => tag.OrganizationId == owner.Id).Containing(context.Request.Query(), tag => tag.Key);
        if (context.Request.Filter("exclude", "taggable", "id") is { } workspace)
        {
            var id = new WorkspaceId(workspace);
            tags = tags.Where(tag => !db.WorkspaceTags.Any(other => other.WorkspaceId == id && other.Key == tag.Key));
        }
        return await resources.ShowPageAsync(TagResource.View(tags), context);
    }

    /// <summary>Takes the tags from all workspaces that have them.</summary>
    private static async Task<IResult> DeleteAsync(
        string organization, HttpRequest request, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var owner = await db.OrganizationAsync(organization, cancellationToken);
        TagId[] ids = [.. (await request.ReadIdsAsync()).Select(id => new TagId(id))];
        await db.WorkspaceTags.Where(tag => tag.OrganizationId == owner.Id && ids.Contains(tag.TagId)).ExecuteDeleteAsync(cancellationToken);
        return Results.NoContent();
    }

    private static async Task<IResult> TagAsync(
        string id, HttpRequest request, OrchestratorDbContext db, TagSettings tags, CancellationToken cancellationToken)
    {
        var tag = await db.WorkspaceTags.AsNoTracking().FirstOrDefaultAsync(row => row.TagId == new TagId(id), cancellationToken)
            ?? throw ApiProblem.NotFound();
        WorkspaceId[] ids = [.. (await request.ReadIdsAsync()).Select(workspace => new WorkspaceId(workspace))];
        var workspaces = await db.Workspaces.AsNoTracking()
            .Where(row => ids.Contains(row.Id) && row.OrganizationId == tag.OrganizationId)
            .ToListAsync(cancellationToken);
        if (workspaces.Count != ids.Length)
        {
            throw Refused("The organization has no such workspace.");
        }
        foreach (var workspace in workspaces)
        {
            Require(await tags.ChangeAsync(workspace, [new Tag(tag.Key)], TagChange.Add, cancellationToken));
        }
        return Results.NoContent();
    }

    private static async Task<IResult> ListOfWorkspaceAsync(
        string id, HttpContext context, OrchestratorDbContext db, TagResource resources, CancellationToken cancellationToken)
    {
        var workspace = await db.WorkspaceAsync(id, cancellationToken);
        var name = context.Request.Query["name"].ToString();
        var own = db.WorkspaceTags.Where(tag => tag.WorkspaceId == workspace.Id && (name == "" || tag.Key == name)).Select(tag => tag.Key);
        return await resources.ShowPageAsync(TagResource.View(
            db.WorkspaceTags.AsNoTracking().Where(tag => tag.OrganizationId == workspace.OrganizationId && own.Contains(tag.Key))), context);
    }

    private static async Task<IResult> AddAsync(
        string id, HttpRequest request, OrchestratorDbContext db, TagSettings tags, CancellationToken cancellationToken)
    {
        var workspace = await db.WorkspaceAsync(id, cancellationToken);
        var keys = await KeysAsync(await request.ReadListAsync<TagRequest>(), workspace, db, cancellationToken);
        Require(await tags.ChangeAsync(workspace, [.. keys.Select(key => new Tag(key))], TagChange.Add, cancellationToken));
        return Results.NoContent();
    }

    private static async Task<IResult> RemoveAsync(
        string id, HttpRequest request, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var workspace = await db.WorkspaceAsync(id, cancellationToken);
        var keys = await KeysAsync(await request.ReadListAsync<TagRequest>(), workspace, db, cancellationToken);
        await db.WorkspaceTags.Where(tag => tag.WorkspaceId == workspace.Id && keys.Contains(tag.Key)).ExecuteDeleteAsync(cancellationToken);
        return Results.NoContent();
    }

    /// <summary>Each member tells its tag by id or by name.</summary>
    private static async Task<IReadOnlyList<string>> KeysAsync(
        IReadOnlyList<RequestItem<TagRequest>> items, Workspace workspace, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        TagId[] ids = [.. items.Where(item => TagRequest.TagOf(item.Attributes) is null).Select(item => new TagId(item.Id ?? ""))];
        var known = ids.Length == 0 ? [] : await db.WorkspaceTags.AsNoTracking()
            .Where(tag => tag.OrganizationId == workspace.OrganizationId && ids.Contains(tag.TagId))
            .Select(tag => new { tag.TagId, tag.Key })
            .Distinct()
            .ToDictionaryAsync(tag => tag.TagId, tag => tag.Key, cancellationToken);
        return
        [
            .. items.Select(item => TagRequest.TagOf(item.Attributes)?.Key
                ?? known.GetValueOrDefault(new TagId(item.Id ?? ""))
                ?? throw Refused("A member names no tag: send its id, or its name as an attribute.")).Distinct(),
        ];
    }

    internal static void Require(string? refusal)
    {
        if (refusal is not null)
        {
            throw Refused(refusal);
        }
    }

    internal static ApiProblem Refused(string reason) =>
        new(StatusCodes.Status422UnprocessableEntity, "invalid relationship", reason, "/data");
}
