using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Organizations;

public sealed record UsageDay(DateOnly Day, int Good, int Failed, int Other)
{
    public int Runs => Good + Failed + Other;
}

public sealed record WorkspaceUsage(string Name, int Runs, int Failed, TimeSpan Worked);

/// <param name="Resources">In the current states.</param>
/// <param name="Worked">How long terraform was at work.</param>
/// <param name="IsCut">There were more runs than are counted.</param>
public sealed record Usage(
    int Workspaces, int Resources, IReadOnlyList<UsageDay> Days, TimeSpan Worked, IReadOnlyList<WorkspaceUsage> Busiest, bool IsCut)
{
    public int Runs => Days.Sum(day => day.Runs);

    public int Failed => Days.Sum(day => day.Failed);
}

/// <summary>What an organisation has used in the last thirty days, of the workspaces that the reader may see.</summary>
internal sealed class UsageReader(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    public const int Days = 30;

    private const int MaxRuns = 20_000;
    private const int MaxBusiest = 10;

    public async Task<Usage> ReadAsync(OrganizationId organization, Standing standing, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var since = new DateTimeOffset(today.AddDays(1 - Days).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var workspaces = db.Workspaces.AsNoTracking().SeenBy(db, standing).Where(row => row.OrganizationId == organization);
        var count = await workspaces.CountAsync(cancellationToken);
        var resources = await (
            from workspace in workspaces
            join state in db.StateVersions on workspace.CurrentStateVersionId equals state.Id
            select state.ResourceCount).SumAsync(cancellationToken);
        var runs = await (
            from run in db.Runs.AsNoTracking()
            where run.OrganizationId == organization && run.CreatedAt >= since
            join workspace in workspaces on run.WorkspaceId equals workspace.Id
            join plan in db.Plans on run.Id equals plan.RunId
            join apply in db.Applies on run.Id equals apply.RunId
            orderby run.CreatedAt descending
            select new
            {
                run.CreatedAt,
                run.Status,
                workspace.Name,
                PlanStarted = plan.StartedAt,
                PlanFinished = plan.FinishedAt,
                ApplyStarted = apply.StartedAt,
                ApplyFinished = apply.FinishedAt,
            }).Take(MaxRuns + 1).ToListAsync(cancellationToken);
        var facts = runs.Take(MaxRuns).Select(run => (
            Day: DateOnly.FromDateTime(run.CreatedAt.UtcDateTime), run.Name, Tone: Parts.Words.Tone(run.Status),
            Worked: Between(run.PlanStarted, run.PlanFinished) + Between(run.ApplyStarted, run.ApplyFinished))).ToList();
        var byDay = facts.ToLookup(run => run.Day);
        return new Usage(
            count, resources,
            [.. Enumerable.Range(0, Days).Select(ago => today.AddDays(ago + 1 - Days)).Select(day => new UsageDay(
                day, byDay[day].Count(run => run.Tone == "ok"), byDay[day].Count(run => run.Tone == "bad"),
                byDay[day].Count(run => run.Tone is not ("ok" or "bad"))))],
            Sum(facts.Select(run => run.Worked)),
            [.. facts.GroupBy(run => run.Name)
                .Select(group => new WorkspaceUsage(group.Key, group.Count(), group.Count(run => run.Tone == "bad"), Sum(group.Select(run => run.Worked))))
                .OrderByDescending(workspace => workspace.Runs).ThenBy(workspace => workspace.Name).Take(MaxBusiest)],
            runs.Count > MaxRuns);
    }

    private static TimeSpan Between(DateTimeOffset? start, DateTimeOffset? end) => end > start ? end.Value - start.Value : TimeSpan.Zero;

    private static TimeSpan Sum(IEnumerable<TimeSpan> times) => times.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
}
