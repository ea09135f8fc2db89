using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Audit;

/// <param name="Fault">Which part of the filter means nothing; then the rows are those without it.</param>
/// <param name="Query">The filter, as it stands in addresses: empty, or beginning with <c>?</c>.</param>
public sealed record AuditView(
    AuditFilter Filter, string? Fault, string Query, IReadOnlyList<AuditEntry> Rows, IReadOnlyDictionary<WorkspaceId, string> Workspaces, int Page, int Pages, int Count);

/// <summary>Reads a page of the audit trail by what its address asks for.</summary>
internal sealed class AuditReader(IDbContextFactory<OrchestratorDbContext> databases, AuditTrail trail)
{
    private const int PageSize = 50;

    /// <param name="organization">Null: of the whole installation.</param>
    public async Task<AuditView> ReadAsync(OrganizationId? organization, IQueryCollection query, int page, CancellationToken cancellationToken)
    {
        await trail.CatchUpAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (filter, fault) = AuditQuery.Read(name => query[name], organization);
        var entries = filter.Of(db);
        var count = await entries.CountAsync(cancellationToken);
        var rows = await entries.OrderByDescending(entry => entry.Sequence).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(cancellationToken);
        WorkspaceId[] named = [.. rows.Select(row => row.WorkspaceId).OfType<WorkspaceId>().Distinct()];
        var workspaces = await db.Workspaces.Where(row => named.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, cancellationToken);
        return new AuditView(filter, fault, Address(query), rows, workspaces, page, Paging.PagesOf(count, PageSize), count);
    }

    private static string Address(IQueryCollection query) => QueryString.Create(AuditQuery.Names
        .Where(name => query[name] is [{ Length: > 0 }])
        .Select(name => KeyValuePair.Create(name, (string?)query[name]))).ToString();
}
