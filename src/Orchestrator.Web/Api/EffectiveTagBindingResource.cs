using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Tags;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record EffectiveTagBindingAttributes(string Key, string Value);

/// <param name="Owner">The workspace or project for which it holds.</param>
public sealed record EffectiveTagBindingView(string Owner, EffectiveTag Tag);

/// <summary>A tag that holds for a workspace or project, whoever has it. Its id is made of theirs and its key.</summary>
internal sealed class EffectiveTagBindingResource() : ResourceType<EffectiveTagBindingView, EffectiveTagBindingAttributes>(Type)
{
    public const string Type = "effective-tag-bindings";

    // Neither ids nor keys hold one.
    private const char Separator = '~';

    protected override string IdOf(EffectiveTagBindingView row) => NameOf(row);

    protected override IReadOnlyDictionary<string, string>? LinksOf(EffectiveTagBindingView row) => row.Tag.From is { } project
        ? new Dictionary<string, string> { ["inherited-from"] = $"{ApiRoutes.Root}/projects/{project}" }
        : null;

    protected override IQueryable<EffectiveTagBindingView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids) =>
        throw new NotSupportedException("They are put together here, not in the database.");

    protected override async Task<List<EffectiveTagBindingView>> FindAsync(IReadOnlyList<string> ids, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var wanted = ids.ToHashSet(StringComparer.Ordinal);
        string[] owners = [.. ids.Select(id => id.Split(Separator)[0]).Distinct()];
        return
        [
            .. (await OfWorkspacesAsync(db, owners.Where(Is<WorkspaceId>).Select(id => new WorkspaceId(id)), context.RequestAborted))
                .Concat(await OfProjectsAsync(db, owners.Where(Is<ProjectId>).Select(id => new ProjectId(id)), context.RequestAborted))
                .Where(view => wanted.Contains(IdOf(view))),
        ];
    }

    protected override EffectiveTagBindingAttributes Show(EffectiveTagBindingView row, HttpContext context) => new(row.Tag.Key, row.Tag.Value);

    public static async Task<IReadOnlyList<EffectiveTagBindingView>> OfWorkspacesAsync(
        OrchestratorDbContext db, IEnumerable<WorkspaceId> workspaces, CancellationToken cancellationToken) =>
        [
            .. (await db.EffectiveTagsAsync([.. workspaces], cancellationToken))
                .SelectMany(pair => pair.Value.Select(tag => new EffectiveTagBindingView(pair.Key.Value, tag))),
        ];

    /// <summary>A project inherits none.</summary>
    public static async Task<IReadOnlyList<EffectiveTagBindingView>> OfProjectsAsync(
        OrchestratorDbContext db, IEnumerable<ProjectId> projects, CancellationToken cancellationToken)
    {
        ProjectId[] wanted = [.. projects];
        var tags = await db.ProjectTags.AsNoTracking().Where(tag => wanted.Contains(tag.ProjectId)).OrderBy(tag => tag.Key).ToListAsync(cancellationToken);
        return [.. tags.Select(tag => new EffectiveTagBindingView(tag.ProjectId.Value, new EffectiveTag(tag.Key, tag.Value, From: null)))];
    }

    public static async Task<ILookup<string, string>> OfWorkspacesAsync(
        OrchestratorDbContext db, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        ByOwner(await OfWorkspacesAsync(db, ids.Select(id => new WorkspaceId(id)), cancellationToken));

    public static async Task<ILookup<string, string>> OfProjectsAsync(
        OrchestratorDbContext db, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        ByOwner(await OfProjectsAsync(db, ids.Select(id => new ProjectId(id)), cancellationToken));

    private static ILookup<string, string> ByOwner(IReadOnlyList<EffectiveTagBindingView> tags) => tags.ToLookup(tag => tag.Owner, NameOf);

    private static string NameOf(EffectiveTagBindingView tag) => $"{tag.Owner}{Separator}{tag.Tag.Key}";

    private static bool Is<T>(string id) where T : struct, IIdentifier<T> => Identifier.TryParse<T>(id, out _);
}
