using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>Tags with values, of workspaces and projects. Clients read the lists whole.</summary>
internal static class TagBindingsApi
{
    public static void MapTagBindings(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workspaces/{id}/tag-bindings", async (string id, HttpContext context, OrchestratorDbContext db, TagBindingResource bindings) =>
            await ShowAsync((await db.WorkspaceAsync(id, context.RequestAborted)).Id, context, db, bindings))
            .Needs(WorkspaceRight.ReadSettings).WithSummary("List a workspace's tag bindings").ReturnsAll<TagBindingResource>();
        api.MapPatch("/workspaces/{id}/tag-bindings", async (
            string id, HttpContext context, OrchestratorDbContext db, TagSettings tags, TagBindingResource bindings) =>
        {
            var workspace = await db.WorkspaceAsync(id, context.RequestAborted);
            TagsApi.Require(await tags.ChangeAsync(workspace, await ReadAsync(context.Request), TagChange.Merge, context.RequestAborted));
            return await ShowAsync(workspace.Id, context, db, bindings);
        })
            .Needs(WorkspaceRight.ManageTags).WithSummary("Add tag bindings to a workspace, or change their values").TakesIdentifiers().ReturnsAll<TagBindingResource>();
        api.MapGet("/workspaces/{id}/effective-tag-bindings", async (
            string id, HttpContext context, OrchestratorDbContext db, EffectiveTagBindingResource bindings) => await bindings.ShowAllAsync(
                await EffectiveTagBindingResource.OfWorkspacesAsync(
                    db, [(await db.WorkspaceAsync(id, context.RequestAborted)).Id], context.RequestAborted), context))
            .Needs(WorkspaceRight.ReadSettings).WithSummary("List the tag bindings that hold for a workspace").ReturnsAll<EffectiveTagBindingResource>();

        api.MapGet("/projects/{id}/tag-bindings", async (string id, HttpContext context, OrchestratorDbContext db, TagBindingResource bindings) =>
            await ShowAsync((await db.ProjectAsync(id, context.RequestAborted)).Id, context, db, bindings))
            .Needs(ProjectRight.Read).WithSummary("List a project's tag bindings").ReturnsAll<TagBindingResource>();
        api.MapPatch("/projects/{id}/tag-bindings", async (
            string id, HttpContext context, OrchestratorDbContext db, TagSettings tags, TagBindingResource bindings) =>
        {
            var project = await db.ProjectAsync(id, context.RequestAborted);
            TagsApi.Require(await tags.ChangeAsync(project, await ReadAsync(context.Request), TagChange.Merge, context.RequestAborted));
            return await ShowAsync(project.Id, context, db, bindings);
        })
            .Needs(ProjectRight.ManageTags).WithSummary("Add tag bindings to a project, or change their values").TakesIdentifiers().ReturnsAll<TagBindingResource>();
        api.MapGet("/projects/{id}/effective-tag-bindings", async (
            string id, HttpContext context, OrchestratorDbContext db, EffectiveTagBindingResource bindings) => await bindings.ShowAllAsync(
                await EffectiveTagBindingResource.OfProjectsAsync(
                    db, [(await db.ProjectAsync(id, context.RequestAborted)).Id], context.RequestAborted), context))
            .Needs(ProjectRight.Read).WithSummary("List the tag bindings that hold for a project").ReturnsAll<EffectiveTagBindingResource>();
    }

    private static async Task<IReadOnlyList<Tag>> ReadAsync(HttpRequest request) =>
    [
        .. (await request.ReadListAsync<TagRequest>()).Select(item =>
            TagRequest.TagOf(item.Attributes) ?? throw TagsApi.Refused("A member has no key.")),
    ];

    private static async Task<IResult> ShowAsync(WorkspaceId id, HttpContext context, OrchestratorDbContext db, TagBindingResource bindings)
    {
        var tags = await db.WorkspaceTags.AsNoTracking().Where(tag => tag.WorkspaceId == id).OrderBy(tag => tag.Key).ToListAsync(context.RequestAborted);
        return await bindings.ShowAllAsync([.. tags.Select(TagBindingResource.View)], context);
    }

    private static async Task<IResult> ShowAsync(ProjectId id, HttpContext context, OrchestratorDbContext db, TagBindingResource bindings)
    {
        var tags = await db.ProjectTags.AsNoTracking().Where(tag => tag.ProjectId == id).OrderBy(tag => tag.Key).ToListAsync(context.RequestAborted);
        return await bindings.ShowAllAsync([.. tags.Select(TagBindingResource.View)], context);
    }
}
