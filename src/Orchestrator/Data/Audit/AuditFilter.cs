using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Data.Audit;

/// <summary>Which entries somebody wants to see. What is null does not count.</summary>
public sealed record AuditFilter
{
    /// <summary>Null: of all organisations, and what belongs to none.</summary>
    public OrganizationId? Organization { get; init; }

    /// <summary>An id or a part of a name.</summary>
    public string? Who { get; init; }

    /// <summary>An action, a type of resource, or a resource's id.</summary>
    public string? What { get; init; }

    public AuditOutcome? Outcome { get; init; }

    public WorkspaceId? Workspace { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    public IQueryable<AuditEntry> Of(OrchestratorDbContext db)
    {
        var entries = db.AuditEntries.AsNoTracking();
        if (Organization is { } organization)
        {
            entries = entries.Where(entry => entry.OrganizationId == organization);
        }
        if (Workspace is { } workspace)
        {
            entries = entries.Where(entry => entry.WorkspaceId == workspace);
        }
        if (Who is { Length: > 0 } who)
        {
            var token = new ApiTokenId(who);
            entries = entries.Where(entry => entry.ActorId == who || entry.TokenId == token || entry.Address == who || entry.ActorName.Contains(who));
        }
        if (What is { Length: > 0 } what)
        {
            entries = entries.Where(entry => entry.Action == what || entry.ResourceType == what || entry.ResourceId == what);
        }
        if (Outcome is { } outcome)
        {
            entries = entries.Where(entry => entry.Outcome == outcome);
        }
        if (Since is { } since)
        {
            entries = entries.Where(entry => entry.At >= since);
        }
        if (Until is { } until)
        {
            entries = entries.Where(entry => entry.At < until);
        }
        return entries;
    }

    /// <summary>An instant as ISO 8601 writes it; a date alone is its beginning, UTC.</summary>
    public static bool TryParseTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
