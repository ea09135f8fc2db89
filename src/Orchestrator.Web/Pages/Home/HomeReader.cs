using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Home;

/// <summary>A run that somebody should look at.</summary>
public sealed record RunNews(
    string Organization, string Workspace, RunId Id, string? Message, RunStatus Status, string CreatedBy, DateTimeOffset CreatedAt, string? Outcome,
    int? Additions, int? Changes, int? Destructions);

/// <param name="SeenAt">When a plan has looked.</param>
public sealed record DriftNews(string Organization, string Workspace, int Resources, RunId RunId, DateTimeOffset SeenAt);

public sealed record OrganizationCard(string Name, int Workspaces, IReadOnlyDictionary<string, int> Counts);

/// <param name="Mine">Runs that wait for a decision of the reader's.</param>
/// <param name="Failed">Workspaces whose latest run has failed, newest first.</param>
/// <param name="Drifted">Workspaces with resources that were changed outside of terraform, by the run that has found them.</param>
/// <param name="Running">What is under way.</param>
/// <param name="Tokens">The reader's own that end soon, or have ended.</param>
public sealed record HomeNews(
    IReadOnlyList<OrganizationCard> Organizations, IReadOnlyList<RunNews> Mine, IReadOnlyList<RunNews> Failed, IReadOnlyList<DriftNews> Drifted,
    IReadOnlyList<RunNews> Running,
    IReadOnlyList<ApiToken> Tokens, IReadOnlyList<WorkspaceRow> Latest, bool MayCreate);

/// <summary>Gathers what needs the reader.</summary>
internal sealed class HomeReader(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    private const int MaxNews = 8;
    private const int MaxLatest = 8;
    private const int MaxOrganizations = 30;

    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public async Task<HomeNews> ReadAsync(Admission admission, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var standing = admission.Standing;
        var waiting = await NewsAsync(db, standing, [.. RunMoves.Confirmable.Except([RunStatus.PlannedAndSaved])], MaxNews * 4, cancellationToken);
        return new HomeNews(
            await CardsAsync(db, standing, cancellationToken),
            await ThatOneMayDecideAsync(db, admission, waiting, cancellationToken),
            await NewsAsync(db, standing, [RunStatus.Errored, RunStatus.PolicySoftFailed], MaxNews, cancellationToken),
            await DriftAsync(db, standing, cancellationToken),
            await NewsAsync(db, standing, [.. StatusGroup.All.First(group => group.Name == "busy").Statuses], MaxNews, cancellationToken),
            await TokensAsync(db, admission, cancellationToken),
            await WorkspaceLists.LatestAsync(db, standing, MaxLatest, cancellationToken),
            await WorkspaceLists.MayCreateAsync(db, standing, null, cancellationToken));
    }

    private async Task<IReadOnlyList<ApiToken>> TokensAsync(OrchestratorDbContext db, Admission admission, CancellationToken cancellationToken)
    {
        var (own, end) = (admission.Caller.UserId, clock.GetUtcNow() + Soon);
        return own is null ? [] : await db.ApiTokens.AsNoTracking().Where(token => token.UserId == own && token.ExpiredAt != null && token.ExpiredAt < end)
            .OrderBy(token => token.ExpiredAt).Take(MaxNews).ToListAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<RunNews>> ThatOneMayDecideAsync(
        OrchestratorDbContext db, Admission admission, List<RunNews> waiting, CancellationToken cancellationToken)
    {
        if (admission.Standing.IsEverywhere || waiting.Count == 0)
        {
            return [.. waiting.Take(MaxNews)];
        }
        RunId[] ids = [.. waiting.Select(run => run.Id)];
        var places = await (
            from run in db.Runs
            where ids.Contains(run.Id)
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            select new { run.Id, workspace.OrganizationId, workspace.ProjectId, WorkspaceId = workspace.Id }).ToDictionaryAsync(row => row.Id, cancellationToken);
        return [.. waiting.Where(run => places.TryGetValue(run.Id, out var place)
            && admission.Standing.In(place.OrganizationId, place.ProjectId, place.WorkspaceId).HasFlag(WorkspaceRight.QueueApply)).Take(MaxNews)];
    }

    /// <summary>Each status by itself: an index has those newest first, so that a long history of failures is not sorted to find a few.</summary>
    private static async Task<List<RunNews>> NewsAsync(
        OrchestratorDbContext db, Standing standing, RunStatus[] statuses, int limit, CancellationToken cancellationToken)
    {
        var ids = await statuses
            .Select(status => (
                from run in db.Runs
                where run.Status == status
                join workspace in db.Workspaces.SeenBy(db, standing) on run.Id equals workspace.CurrentRunId
                orderby run.CreatedAt descending
                select new { run.Id, run.CreatedAt }).Take(limit))
            .Aggregate(Queryable.Concat)
            .OrderByDescending(run => run.CreatedAt).Take(limit).Select(run => run.Id).ToListAsync(cancellationToken);
        return await (
            from run in db.Runs.AsNoTracking()
            where ids.Contains(run.Id)
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            join plan in db.Plans on run.Id equals plan.RunId
            orderby run.CreatedAt descending
            select new RunNews(
                owner.Name, workspace.Name, run.Id, run.Message, run.Status, run.CreatedBy, run.CreatedAt, run.Outcome,
                plan.Additions, plan.Changes, plan.Destructions)).ToListAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<DriftNews>> DriftAsync(OrchestratorDbContext db, Standing standing, CancellationToken cancellationToken) => await (
        from workspace in db.Workspaces.AsNoTracking().SeenBy(db, standing)
        where workspace.DriftRunId != null
        join run in db.Runs on workspace.DriftRunId equals run.Id
        join owner in db.Organizations on workspace.OrganizationId equals owner.Id
        orderby run.CreatedAt descending
        select new DriftNews(owner.Name, workspace.Name, workspace.DriftedResources, run.Id, run.CreatedAt)).Take(MaxNews).ToListAsync(cancellationToken);

    private static async Task<IReadOnlyList<OrganizationCard>> CardsAsync(OrchestratorDbContext db, Standing standing, CancellationToken cancellationToken)
    {
        var names = await db.Organizations.SeenBy(standing).OrderBy(row => row.Name).Take(MaxOrganizations)
            .Select(row => new { row.Id, row.Name }).ToListAsync(cancellationToken);
        OrganizationId[] ids = [.. names.Select(row => row.Id)];
        var counts = await (
            from workspace in db.Workspaces.AsNoTracking().SeenBy(db, standing)
            where ids.Contains(workspace.OrganizationId)
            join current in db.Runs on workspace.CurrentRunId equals current.Id into runs
            from run in runs.DefaultIfEmpty()
            group workspace by new { workspace.OrganizationId, Status = (RunStatus?)run.Status } into same
            select new { same.Key.OrganizationId, same.Key.Status, Count = same.Count() }).ToListAsync(cancellationToken);
        return [.. names.Select(row =>
        {
            var mine = counts.Where(count => count.OrganizationId == row.Id).ToList();
            return new OrganizationCard(row.Name, mine.Sum(count => count.Count),
                mine.GroupBy(count => count.Status is { } status ? Parts.Words.Tone(status) : StatusGroup.Never)
                    .ToDictionary(group => group.Key, group => group.Sum(count => count.Count)));
        })];
    }
}
