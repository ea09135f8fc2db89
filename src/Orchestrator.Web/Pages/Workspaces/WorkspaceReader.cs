using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Pages.Events;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed record RunRow(
    RunId Id, string? Message, RunStatus Status, string CreatedBy, string Source, DateTimeOffset CreatedAt, bool IsDestroy, bool PlanOnly,
    int? Additions, int? Changes, int? Destructions);

/// <param name="Configuration">The newest upload, used or refused.</param>
/// <param name="HasConfiguration">A run could start now.</param>
/// <param name="Events">Where changes of the run that is under way are announced; null when none is.</param>
public sealed record WorkspaceOverview(
    Workspace Workspace, ExecutionPlace Place, int Resources, ConfigurationVersion? Configuration, bool HasConfiguration, IReadOnlyList<RunRow> Runs, int Page, int Pages,
    string? Events, string? Version);

/// <summary>Gathers what the workspace's first page shows.</summary>
internal sealed class WorkspaceReader(IDbContextFactory<OrchestratorDbContext> databases, IOptions<RunLimits> limits, TimeProvider clock)
{
    private const int PageSize = 20;

    /// <returns>Null when there is no such workspace.</returns>
    public async Task<WorkspaceOverview?> ReadAsync(string organization, string workspace, int page, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.FindWorkspaceAsync(organization, workspace, cancellationToken) is not { } found)
        {
            return null;
        }
        var resources = await db.StateVersions.Where(state => state.Id == found.CurrentStateVersionId)
            .Select(state => state.ResourceCount).FirstOrDefaultAsync(cancellationToken);
        var configurations = db.ConfigurationVersions.AsNoTracking().Where(version => version.WorkspaceId == found.Id);
        var newest = await configurations.OrderByDescending(version => version.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        var usable = await configurations.AnyAsync(version =>
            version.Status == ConfigurationVersionStatus.Uploaded && !version.Speculative && !version.Provisional, cancellationToken);
        var runs = db.Runs.AsNoTracking().Where(run => run.WorkspaceId == found.Id);
        var count = await runs.CountAsync(cancellationToken);
        var rows = await RowsAsync(db, runs, page, cancellationToken);
        var underWay = await runs.Where(run => !RunMoves.Final.Contains(run.Status))
            .OrderBy(run => run.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return new WorkspaceOverview(
            found, await db.PlaceOfAsync(found, cancellationToken), resources, newest, usable, rows, page, Math.Max(1, (count + PageSize - 1) / PageSize),
            underWay is null ? null : $"/app/events/runs/{underWay.Id}",
            underWay is null ? null : RunEvents.VersionOf(
                underWay, RunChoices.Of(underWay, limits.Value, clock.GetUtcNow()),
                await db.RunEvents.CountAsync(happening => happening.RunId == underWay.Id, cancellationToken)));
    }

    private static Task<List<RunRow>> RowsAsync(
        OrchestratorDbContext db, IQueryable<Run> runs, int page, CancellationToken cancellationToken) =>
        (from run in runs.OrderByDescending(run => run.CreatedAt).Skip((page - 1) * PageSize).Take(PageSize)
         join plan in db.Plans on run.Id equals plan.RunId
         orderby run.CreatedAt descending
         select new RunRow(
             run.Id, run.Message, run.Status, run.CreatedBy, run.Source, run.CreatedAt, run.Options.IsDestroy, run.Options.PlanOnly,
             plan.Additions, plan.Changes, plan.Destructions)).ToListAsync(cancellationToken);
}
