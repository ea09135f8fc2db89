using System.Data.Common;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.AgentPools;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Shows this worker in the pools that it serves: at its start, by signs of life, and until it says good-bye.</summary>
public sealed partial class AgentRegistration(
    ServedPools pools, WorkerIdentity worker, IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock, ILogger<AgentRegistration> logger)
    : BackgroundService
{
    /// <summary>So long an agent is remembered that does not live any more.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (pools.Ids.Count == 0)
        {
            return;
        }
        using var timer = new PeriodicTimer(AgentStatuses.PingInterval, clock);
        try
        {
            do
            {
                try
                {
                    await PingAsync(stoppingToken);
                }
                catch (Exception away) when (away is DbException or DbUpdateException or InvalidOperationException)
                {
                    Log.NotSeen(logger, away);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await SayGoodByeAsync();
        }
    }

    /// <summary>One sign of life, the first of which makes the agent known.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var known = await db.Agents.Where(agent => agent.Worker == worker.Name).ExecuteUpdateAsync(
            set => set.SetProperty(agent => agent.LastPingAt, now), cancellationToken);
        if (known < pools.Ids.Count)
        {
            var present = await db.Agents.Where(agent => agent.Worker == worker.Name).Select(agent => agent.PoolId).ToListAsync(cancellationToken);
            // A pool that is gone has no agents; whoever made its workspaces use another one has told nobody here.
            var missing = await db.AgentPools.Where(pool => pools.Ids.Contains(pool.Id) && !present.Contains(pool.Id)).Select(pool => pool.Id).ToListAsync(cancellationToken);
            db.Agents.AddRange(missing.Select(pool => new Agent
            {
                Id = Identifier.New<AgentId>(),
                PoolId = pool,
                Worker = worker.Name,
                Name = worker.Name[..worker.Name.LastIndexOf(':')],
                IpAddress = OwnAddress(),
                StartedAt = now,
                LastPingAt = now,
            }));
            await db.SaveChangesAsync(cancellationToken);
        }
        var forgotten = now - Memory;
        await db.Agents.Where(agent => pools.Ids.Contains(agent.PoolId) && agent.LastPingAt < forgotten).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task SayGoodByeAsync()
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync();
            var now = clock.GetUtcNow();
            await db.Agents.Where(agent => agent.Worker == worker.Name).ExecuteUpdateAsync(set => set.SetProperty(agent => agent.ExitedAt, now));
        }
        catch (Exception away) when (away is DbException or InvalidOperationException)
        {
            // Then it is found out by its silence.
            Log.NotSeen(logger, away);
        }
    }

    /// <summary>The first address that other machines could know; null on a machine that has none.</summary>
    private static string? OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(face => face.OperationalStatus == OperationalStatus.Up && face.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(face => face.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "This worker could not show itself in its agent pools; it is tried again.")]
        public static partial void NotSeen(ILogger logger, Exception exception);
    }
}
