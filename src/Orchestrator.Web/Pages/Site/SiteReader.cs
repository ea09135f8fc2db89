using Hangfire;
using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Pages.Site;

/// <param name="Slots">How many jobs it takes at once.</param>
/// <param name="SeenAt">Its last sign of life.</param>
public sealed record ServerRow(string Name, int Slots, IReadOnlyList<string> Queues, DateTimeOffset? StartedAt, DateTimeOffset? SeenAt);

/// <summary>A phase that a worker carries out.</summary>
public sealed record WorkRow(string Worker, string Organization, string Workspace, RunId Run, RunStatus Status, DateTimeOffset? HeartbeatAt);

public sealed record OrganizationRow(string Name, int Workspaces, int Members, int RunsToday);

public sealed record AgentRow(string Pool, string Organization, string Name, AgentStatus Status, DateTimeOffset SeenAt);

/// <param name="Waiting">Runs that are handed over and that no worker has taken yet.</param>
public sealed record SiteView(
    IReadOnlyDictionary<string, string> Checks, IReadOnlyList<ServerRow> Servers, IReadOnlyList<WorkRow> Work, IReadOnlyList<AgentRow> Agents,
    int Waiting, IReadOnlyList<OrganizationRow> Organizations, int Users, bool HasMoreOrganizations);

/// <summary>How the installation does.</summary>
internal sealed class SiteReader(
    IDbContextFactory<OrchestratorDbContext> databases, HealthChecks health, JobStorage jobs, TimeProvider clock)
{
    public const int MaxOrganizations = 100;

    private const int MaxWork = 100;

    public async Task<SiteView> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var yesterday = now.AddDays(-1);
        var servers = jobs.GetMonitoringApi().Servers().Select(server => new ServerRow(
            server.Name, server.WorkersCount, [.. server.Queues], At(server.StartedAt), At(server.Heartbeat))).OrderBy(server => server.Name).ToList();
        var work = await (
            from run in db.Runs.AsNoTracking()
            where RunMoves.Claimed.Contains(run.Status)
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            orderby run.ClaimedBy, run.CreatedAt
            select new WorkRow(run.ClaimedBy ?? "", owner.Name, workspace.Name, run.Id, run.Status, run.HeartbeatAt)).Take(MaxWork).ToListAsync(cancellationToken);
        var agents = await (
            from agent in db.Agents.AsNoTracking()
            join pool in db.AgentPools on agent.PoolId equals pool.Id
            join owner in db.Organizations on pool.OrganizationId equals owner.Id
            orderby owner.Name, pool.Name, agent.Name
            select new { agent, Pool = pool.Name, Organization = owner.Name }).Take(MaxWork).ToListAsync(cancellationToken);
        var organizations = await db.Organizations.AsNoTracking().OrderBy(row => row.Name).Take(MaxOrganizations + 1).Select(row => new OrganizationRow(
            row.Name,
            db.Workspaces.Count(workspace => workspace.OrganizationId == row.Id),
            db.OrganizationMemberships.Count(membership => membership.OrganizationId == row.Id),
            db.Runs.Count(run => run.OrganizationId == row.Id && run.CreatedAt >= yesterday))).ToListAsync(cancellationToken);
        var busy = work.Select(row => row.Worker).ToHashSet();
        return new SiteView(
            await health.ReadAsync(cancellationToken), servers, work,
            [.. agents.Select(row => new AgentRow(
                row.Pool, row.Organization, row.agent.Name, row.agent.StatusAt(now, busy.Contains(row.agent.Worker)), row.agent.LastPingAt))],
            await db.Runs.CountAsync(run => RunMoves.HandedOver.Contains(run.Status), cancellationToken),
            [.. organizations.Take(MaxOrganizations)],
            await db.Users.CountAsync(cancellationToken),
            organizations.Count > MaxOrganizations);
    }

    private static DateTimeOffset? At(DateTime? instant) => instant is { } utc ? new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)) : null;
}
