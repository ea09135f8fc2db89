using Orchestrator.Data;
using Orchestrator.Tags;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record TagBindingAttributes(string Key, string Value, DateTimeOffset CreatedAt);

/// <summary>A tag of a workspace or a project, with its value.</summary>
/// <param name="Owner">The id of the workspace or project.</param>
public sealed record TagBindingView(string Owner, string Key, string Value, DateTimeOffset CreatedAt);

/// <summary>They have no id of their own: owner and key are theirs.</summary>
internal sealed class TagBindingResource() : ResourceType<TagBindingView, TagBindingAttributes>(Type)
{
    public const string Type = "tag-bindings";

    protected override string IdOf(TagBindingView row) => $"tb-{Identifier.Derive(row.Owner, row.Key)}";

    protected override IReadOnlyDictionary<string, string>? LinksOf(TagBindingView row) => null;

    protected override IQueryable<TagBindingView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids) =>
        throw new NotSupportedException("Nothing refers to a binding.");

    protected override TagBindingAttributes Show(TagBindingView row, HttpContext context) => new(row.Key, row.Value, row.CreatedAt);

    public static TagBindingView View(WorkspaceTag tag) => new(tag.WorkspaceId.Value, tag.Key, tag.Value, tag.CreatedAt);

    public static TagBindingView View(ProjectTag tag) => new(tag.ProjectId.Value, tag.Key, tag.Value, tag.CreatedAt);
}
