using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Tags;

/// <summary>How given tags meet those that are there.</summary>
public enum TagChange
{
    /// <summary>They take the place of all others.</summary>
    Replace,

    /// <summary>They are added, or take the place of those with the same key.</summary>
    Merge,

    /// <summary>They are added; where the key is there, its value stays.</summary>
    Add,
}

/// <summary>The rules for the tags of workspaces and projects, for the API and the pages alike. Changes rows of the context; the
/// caller saves them.</summary>
public static class TagEditor
{
    /// <returns>Why not, in a sentence; null when it is done.</returns>
    public static async Task<string?> TagWorkspaceAsync(
        this OrchestratorDbContext db, WorkspaceId id, OrganizationId organization, ProjectId project, IReadOnlyList<Tag> tags, TagChange change,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (TagRules.Fault(tags) is { } fault)
        {
            return fault;
        }
        if (await FindOverriddenAsync(db, organization, project, tags, cancellationToken) is { } overridden)
        {
            return overridden;
        }
        var present = await db.WorkspaceTags.Where(tag => tag.WorkspaceId == id).ToListAsync(cancellationToken);
        return Change(db.WorkspaceTags, present, tags, change, tag => new WorkspaceTag
        {
            WorkspaceId = id,
            Key = tag.Key,
            Value = tag.Value,
            OrganizationId = organization,
            TagId = WorkspaceTag.IdOf(organization, tag.Key),
            CreatedAt = now,
        });
    }

    /// <returns>Why not, in a sentence; null when it is done.</returns>
    public static async Task<string?> TagProjectAsync(
        this OrchestratorDbContext db, ProjectId id, IReadOnlyList<Tag> tags, TagChange change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (TagRules.Fault(tags) is { } fault)
        {
            return fault;
        }
        var present = await db.ProjectTags.Where(tag => tag.ProjectId == id).ToListAsync(cancellationToken);
        return Change(db.ProjectTags, present, tags, change, tag => new ProjectTag { ProjectId = id, Key = tag.Key, Value = tag.Value, CreatedAt = now });
    }

    private static string? Change<TRow>(
        DbSet<TRow> rows, IReadOnlyList<TRow> present, IReadOnlyList<Tag> tags, TagChange change, Func<Tag, TRow> make) where TRow : class, ITagRow
    {
        var wanted = tags.ToDictionary(tag => tag.Key, StringComparer.Ordinal);
        var known = present.Select(row => row.Key).ToHashSet(StringComparer.Ordinal);
        var removed = change == TagChange.Replace ? present.Where(row => !wanted.ContainsKey(row.Key)).ToArray() : [];
        var added = tags.Where(tag => !known.Contains(tag.Key)).ToArray();
        if (present.Count + added.Length - removed.Length > TagRules.MaxTags)
        {
            return $"There may be {TagRules.MaxTags} tags at most.";
        }
        rows.RemoveRange(removed);
        rows.AddRange(added.Select(make));
        if (change != TagChange.Add)
        {
            foreach (var row in present.Where(row => wanted.ContainsKey(row.Key)))
            {
                row.Value = wanted[row.Key].Value;
            }
        }
        return null;
    }

    private static async Task<string?> FindOverriddenAsync(
        OrchestratorDbContext db, OrganizationId organization, ProjectId project, IReadOnlyList<Tag> tags, CancellationToken cancellationToken)
    {
        if (tags.Count == 0 || await db.FixedKeysAsync([organization], cancellationToken) is not { Count: > 0 } fixedKeys)
        {
            return null;
        }
        var keys = tags.Select(tag => tag.Key).Where(key => fixedKeys.Contains((organization, key))).ToArray();
        var held = await db.ProjectTags.AsNoTracking().Where(tag => tag.ProjectId == project && keys.Contains(tag.Key)).ToListAsync(cancellationToken);
        return held.FirstOrDefault(tag => tags.Any(wanted => wanted.Key == tag.Key && wanted.Value != tag.Value)) is { } fixedTag
            ? $"The project says '{fixedTag.Key}' is '{fixedTag.Value}', and the organization does not let workspaces override that key."
            : null;
    }
}
