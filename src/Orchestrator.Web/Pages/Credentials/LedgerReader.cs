using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Pages.Credentials;

/// <param name="Workspace">Null when it is gone: its entries are not.</param>
public sealed record LedgerRow(CredentialGrant Grant, string? Workspace);

/// <param name="Fault">Which part of the filter means nothing; then the rows are those without it.</param>
/// <param name="Query">The filter, as it stands in addresses: empty, or beginning with <c>?</c>.</param>
public sealed record LedgerView(
    CredentialGrantFilter Filter, string? Fault, string Query, IReadOnlyList<LedgerRow> Rows, int Page, int Pages, int Count);

/// <summary>Reads a page of the ledger by what its address asks for.</summary>
internal sealed class LedgerReader(IDbContextFactory<OrchestratorDbContext> databases)
{
    private const int PageSize = 50;

    private static readonly string[] Names = ["search", "run", "phase", "provider", "result", "role", "since", "until"];

    /// <param name="scope">Whose entries.</param>
    public async Task<LedgerView> ReadAsync(
        Func<IQueryable<CredentialGrant>, IQueryable<CredentialGrant>> scope, IQueryCollection query, int page, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (filter, fault) = CredentialGrantFilter.Read(name => query[name]);
        var grants = scope(db.CredentialGrants.AsNoTracking()).Where(filter);
        var count = await grants.CountAsync(cancellationToken);
        var rows = await (
            from grant in grants.NewestFirst().Skip((page - 1) * PageSize).Take(PageSize)
            join owner in db.Workspaces on grant.WorkspaceId equals owner.Id into owners
            from workspace in owners.DefaultIfEmpty()
            orderby grant.CreatedAt descending, grant.Id descending
            select new LedgerRow(grant, workspace!.Name)).ToListAsync(cancellationToken);
        return new LedgerView(filter, fault?.Reason, Address(query), rows, page, Paging.PagesOf(count, PageSize), count);
    }

    private static string Address(IQueryCollection query) => QueryString.Create(Names
        .Where(name => query[name] is [{ Length: > 0 }])
        .Select(name => KeyValuePair.Create(name, (string?)query[name]))).ToString();
}
