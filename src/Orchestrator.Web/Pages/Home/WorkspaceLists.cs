using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Home;

public sealed record WorkspaceRow(
    string Organization, string Name, string? Description, RunId? RunId, RunStatus? RunStatus, string? RunMessage, int Resources, bool IsLocked,
    DateTimeOffset ChangedAt);

/// <param name="MayCreate">The reader may create workspaces, in some project.</param>
public sealed record WorkspaceList(IReadOnlyList<string> Organizations, bool MayCreate, IReadOnlyList<WorkspaceRow> Rows, int Page, int Pages);

/// <summary>What the first page lists.</summary>
internal sealed class WorkspaceLists(IDbContextFactory<OrchestratorDbContext> databases)
{
    private const int PageSize = 50;
    private const int MaxOrganizations = 100;

    /// <param name="organization">Only its workspaces; null for all.</param>
    /// <param name="standing">Of the reader, who learns of nothing else.</param>
    public async Task<WorkspaceList> ReadAsync(string? organization, Standing standing, int page, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var names = await db.Organizations.SeenBy(standing).Select(row => row.Name).Order().Take(MaxOrganizations).ToListAsync(cancellationToken);
        var mayCreate = await db.Projects.Where(standing, ProjectRight.CreateWorkspaces)
            .AnyAsync(project => organization == null
                || db.Organizations.Any(owner => owner.Id == project.OrganizationId && owner.Name == organization), cancellationToken);
        var workspaces =
            from workspace in db.Workspaces.AsNoTracking().SeenBy(db, standing)
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            where organization == null || owner.Name == organization
            orderby owner.Name, workspace.Name
            select new { workspace, Organization = owner.Name };
        var count = await workspaces.CountAsync(cancellationToken);
        var found = await (
            from row in workspaces.Skip((page - 1) * PageSize).Take(PageSize)
            join latest in db.Runs on row.workspace.CurrentRunId equals latest.Id into runs
            from run in runs.DefaultIfEmpty()
            join current in db.StateVersions on row.workspace.CurrentStateVersionId equals current.Id into states
            from state in states.DefaultIfEmpty()
            orderby row.Organization, row.workspace.Name
            select new
            {
                row.workspace,
                row.Organization,
                RunId = (RunId?)run.Id,
                Status = (RunStatus?)run.Status,
                run.Message,
                RunAt = (DateTimeOffset?)run.CreatedAt,
                Resources = (int?)state.ResourceCount,
            }).ToListAsync(cancellationToken);
        var rows = found.Select(row => new WorkspaceRow(
            row.Organization, row.workspace.Name, row.workspace.Description, row.RunId, row.Status, row.Message, row.Resources ?? 0,
            row.workspace.IsLocked, row.RunAt > row.workspace.UpdatedAt ? row.RunAt.Value : row.workspace.UpdatedAt));
        return new WorkspaceList(names, mayCreate, [.. rows], page, Math.Max(1, (count + PageSize - 1) / PageSize));
    }
}
