using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Tags;

/// <summary>A tag that holds for a workspace.</summary>
/// <param name="From">The project that it comes from; null for the workspace's own.</param>
public sealed record EffectiveTag(string Key, string Value, ProjectId? From);

public static class EffectiveTags
{
    /// <summary>The workspaces' own tags and their projects', by key. A workspace's own wins, unless its organisation forbids that for the
    /// key.</summary>
    public static async Task<IReadOnlyDictionary<WorkspaceId, IReadOnlyList<EffectiveTag>>> EffectiveTagsAsync(
        this OrchestratorDbContext db, IReadOnlyCollection<WorkspaceId> workspaces, CancellationToken cancellationToken)
    {
        var places = await db.Workspaces.AsNoTracking()
            .Where(workspace => workspaces.Contains(workspace.Id))
            .Select(workspace => new { workspace.Id, workspace.ProjectId, workspace.OrganizationId })
            .ToListAsync(cancellationToken);
        var own = (await db.WorkspaceTags.AsNoTracking().Where(tag => workspaces.Contains(tag.WorkspaceId)).ToListAsync(cancellationToken))
            .ToLookup(tag => tag.WorkspaceId);
        var projects = places.Select(place => place.ProjectId).Distinct().ToArray();
        var inherited = (await db.ProjectTags.AsNoTracking().Where(tag => projects.Contains(tag.ProjectId)).ToListAsync(cancellationToken))
            .ToLookup(tag => tag.ProjectId);
        var fixedKeys = inherited.Count == 0
            ? new HashSet<(OrganizationId, string)>()
            : await db.FixedKeysAsync([.. places.Select(place => place.OrganizationId).Distinct()], cancellationToken);
        return places.ToDictionary(
            place => place.Id,
            place => Combine(own[place.Id], [.. inherited[place.ProjectId]], key => fixedKeys.Contains((place.OrganizationId, key))));
    }

    /// <summary>The keys for which a project's tags cannot be overridden.</summary>
    internal static async Task<IReadOnlySet<(OrganizationId Organization, string Key)>> FixedKeysAsync(
        this OrchestratorDbContext db, IReadOnlyCollection<OrganizationId> organizations, CancellationToken cancellationToken) =>
        (await db.ReservedTagKeys.AsNoTracking()
            .Where(reserved => organizations.Contains(reserved.OrganizationId) && reserved.DisableOverrides)
            .Select(reserved => new { reserved.OrganizationId, reserved.Key })
            .ToListAsync(cancellationToken)).Select(reserved => (reserved.OrganizationId, reserved.Key)).ToHashSet();

    private static IReadOnlyList<EffectiveTag> Combine(
        IEnumerable<WorkspaceTag> own, IReadOnlyList<ProjectTag> inherited, Func<string, bool> isFixed)
    {
        var fromProject = inherited.Select(tag => tag.Key).ToHashSet(StringComparer.Ordinal);
        var kept = own.Where(tag => !fromProject.Contains(tag.Key) || !isFixed(tag.Key)).ToDictionary(tag => tag.Key, StringComparer.Ordinal);
        return
        [
            .. kept.Values.Select(tag => new EffectiveTag(tag.Key, tag.Value, null))
                .Concat(inherited.Where(tag => !kept.ContainsKey(tag.Key)).Select(tag => new EffectiveTag(tag.Key, tag.Value, tag.ProjectId)))
                .OrderBy(tag => tag.Key, StringComparer.Ordinal),
        ];
    }
}
