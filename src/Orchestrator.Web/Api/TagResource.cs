using Orchestrator.Data;
using Orchestrator.Tags;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="InstanceCount">How many workspaces have it.</param>
public sealed record TagAttributes(string Name, int InstanceCount, DateTimeOffset CreatedAt);

/// <summary>A tag as an organisation knows it: from its workspaces.</summary>
public sealed record TagView(TagId Id, string Name, int Instances, DateTimeOffset CreatedAt);

internal sealed class TagResource() : ResourceType<TagView, TagAttributes>(Type)
{
    public const string Type = "tags";

    protected override string IdOf(TagView row) => row.Id.Value;

    protected override IReadOnlyDictionary<string, string>? LinksOf(TagView row) => null;

    protected override IQueryable<TagView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new TagId(id)).ToArray();
        return View(db.WorkspaceTags.Where(tag => wanted.Contains(tag.TagId)));
    }

    protected override TagAttributes Show(TagView row, HttpContext context) => new(row.Name, row.Instances, row.CreatedAt);

    public static string IdOf(OrganizationId organization, string key) => WorkspaceTag.IdOf(organization, key).Value;

    /// <summary>One for each key.</summary>
    public static IQueryable<TagView> View(IQueryable<WorkspaceTag> tags) =>
        from tag in tags
        group tag by new { tag.TagId, tag.Key } into same
        orderby same.Key.Key
        select new TagView(same.Key.TagId, same.Key.Key, same.Count(), same.Min(tag => tag.CreatedAt));
}
