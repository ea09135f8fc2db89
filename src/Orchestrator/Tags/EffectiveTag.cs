using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Tags;

/// <summary>A tag that holds for a workspace.</summary>
/// <param name="From">The project that it comes from; null for the workspace's own.</param>
public sealed record EffectiveTag(string Key, string Value, ProjectId? From);

public static class EffectiveTags
{
    /// <summary>A workspace's own tags and its project's, by key. Its own wins, unless the organisation forbids that for the key.</summary>
    public static async Task<IReadOnlyList<EffectiveTag>> EffectiveTagsAsync(
        this OrchestratorDbContext db, WorkspaceId workspace, OrganizationId organization, ProjectId project, CancellationToken cancellationToken)
    {
        var own = await db.WorkspaceTags.AsNoTracking().Where(tag => tag.WorkspaceId == workspace).ToListAsync(cancellationToken);
        var inherited = await db.ProjectTags.AsNoTracking().Where(tag => tag.ProjectId == project).ToListAsync(cancellationToken);
        var fixedKeys = inherited.Count == 0 ? new HashSet<string>() : await db.FixedKeysAsync(organization, cancellationToken);
        var fromProject = inherited.ToDictionary(tag => tag.Key, StringComparer.Ordinal);
        var kept = own.Where(tag => !(fromProject.ContainsKey(tag.Key) && fixedKeys.Contains(tag.Key))).ToDictionary(tag => tag.Key, StringComparer.Ordinal);
        return
        [
            .. kept.Values.Select(tag => new EffectiveTag(tag.Key, tag.Value, null))
                .Concat(inherited.Where(tag => !kept.ContainsKey(tag.Key)).Select(tag => new EffectiveTag(tag.Key, tag.Value, project)))
                .OrderBy(tag => tag.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>The keys for which a project's tags cannot be overridden.</summary>
    internal static async Task<IReadOnlySet<string>> FixedKeysAsync(
        this OrchestratorDbContext db, OrganizationId organization, CancellationToken cancellationToken) =>
        (await db.ReservedTagKeys.AsNoTracking()
            .Where(reserved => reserved.OrganizationId == organization && reserved.DisableOverrides)
            .Select(reserved => reserved.Key)
            .ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
}
