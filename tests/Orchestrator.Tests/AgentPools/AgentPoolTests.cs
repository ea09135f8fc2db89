using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.AgentPools;

public sealed class AgentPoolTests
{
    [Theory, EachDatabase]
    public async Task A_run_goes_to_the_workers_of_its_workspaces_pool_alone(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, pool) = await PooledAsync(installation);
        var queues = RunJobs.QueuesFor([pool]);

        var run = await installation.QueueAsync(workspace.Id);
        var speculative = await installation.QueueAsync(workspace.Id, request => request with { PlanOnly = true });

        Assert.Equal(pool, run.AgentPoolId);
        Assert.All(RunJobs.Queues, queue => Assert.Empty(installation.JobsIn(queue)));
        Assert.Equal([run.Id.Value], installation.JobsIn(queues[1]));
        Assert.Equal([speculative.Id.Value], installation.JobsIn(queues[2]));
        // A job that was lost comes again, and to the same workers.
        installation.LoseJobsIn(queues[1]);
        installation.Clock.Advance(RunTurns.PatienceWithAJob);
        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
        Assert.Equal([run.Id.Value], installation.JobsIn(queues[1]));
        Assert.All(RunJobs.Queues, queue => Assert.Empty(installation.JobsIn(queue)));
    }

    [Fact]
    public void Pools_whose_ids_differ_in_capitals_alone_have_queues_of_their_own()
    {
        var queues = RunJobs.QueuesFor([new AgentPoolId("apool-aaaaaaaaaaaaaaaa"), new AgentPoolId("apool-aaaaaaaaaaaaaaaA")]);

        Assert.Equal(6, queues.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(queues, queue => Assert.Matches(@"\A[a-z0-9_-]+\z", queue));
        Assert.Equal(RunJobs.Queues, RunJobs.QueuesFor([]));
    }

    [Theory, EachDatabase]
    public async Task Mode_and_pool_are_inherited_each_by_itself(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, pool) = await PooledAsync(installation);
        await using (var db = installation.Open())
        {
            var project = await db.Projects.FirstAsync(row => row.Id == workspace.ProjectId, TestContext.Current.CancellationToken);
            (project.DefaultExecutionMode, project.DefaultAgentPoolId) = (ExecutionMode.Agent, pool);
            await db.Workspaces.Where(row => row.Id == workspace.Id).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.ExecutionMode, (ExecutionMode?)null)
                .SetProperty(row => row.AgentPoolId, (AgentPoolId?)null), TestContext.Current.CancellationToken);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(pool, (await installation.QueueAsync(workspace.Id)).AgentPoolId);
        await SetAsync(installation, workspace, ExecutionMode.Remote, null);
        Assert.Null((await installation.QueueAsync(workspace.Id)).AgentPoolId);
    }

    [Theory, EachDatabase]
    public async Task A_run_is_refused_where_no_pool_is_open_to_its_workspace(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, pool) = await PooledAsync(installation);
        var settings = installation.Get<AgentPoolSettings>();
        async Task<string?> Ask() => (await installation.Get<RunQueue>().CreateAsync(
            new RunRequest(workspace.Id, Someone.Alice, "tfe-api"), CancellationToken.None)).Refusal;

        Assert.Null(await Ask());
        await settings.UpdateAsync(pool, new AgentPoolEdit(null, null) { ExcludedWorkspaces = [workspace.Id] }, CancellationToken.None);
        Assert.Contains("not open", await Ask(), StringComparison.Ordinal);
        await settings.UpdateAsync(pool, new AgentPoolEdit(null, OrganizationScoped: false) { ExcludedWorkspaces = [] }, CancellationToken.None);
        Assert.Contains("not open", await Ask(), StringComparison.Ordinal);
        await settings.UpdateAsync(pool, new AgentPoolEdit(null, null) { AllowedProjects = [workspace.ProjectId] }, CancellationToken.None);
        Assert.Null(await Ask());
        await SetAsync(installation, workspace, ExecutionMode.Agent, null);
        Assert.Contains("no agent pool", await Ask(), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_pool_in_use_stays(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, pool) = await PooledAsync(installation);
        var settings = installation.Get<AgentPoolSettings>();
        var run = await installation.QueueAsync(workspace.Id);

        Assert.NotNull(await settings.RemoveAsync(pool, CancellationToken.None));
        await SetAsync(installation, workspace, ExecutionMode.Remote, null);
        // The run still waits for the pool's workers.
        Assert.NotNull(await settings.RemoveAsync(pool, CancellationToken.None));
        await installation.Get<RunActions>().CancelAsync(run.Id, Someone.Alice, null, CancellationToken.None);
        Assert.Null(await settings.RemoveAsync(pool, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_worker_shows_itself_in_the_pools_it_serves_until_it_falls_silent_or_leaves(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, pool) = await PooledAsync(installation);
        var name = await NameOfAsync(installation, pool);
        var served = new ServedPools(name, installation.Databases);
        await served.FindAsync(CancellationToken.None);
        var registration = ActivatorUtilities.CreateInstance<AgentRegistration>(installation.Get<IServiceProvider>(), served);
        async Task<Agent> Agent()
        {
            await using var db = installation.Open();
            return await db.Agents.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal([pool], served.Ids);
        await registration.PingAsync(CancellationToken.None);
        var first = await Agent();
        installation.Clock.Advance(AgentStatuses.PingInterval);
        await registration.PingAsync(CancellationToken.None);

        var agent = await Agent();
        Assert.Equal(first.Id, agent.Id);
        Assert.Equal(installation.Clock.GetUtcNow(), agent.LastPingAt);
        Assert.Equal(AgentStatus.Idle, agent.StatusAt(installation.Clock.GetUtcNow(), isBusy: false));
        Assert.Equal(AgentStatus.Busy, agent.StatusAt(installation.Clock.GetUtcNow(), isBusy: true));
        Assert.Equal(AgentStatus.Unknown, agent.StatusAt(agent.LastPingAt + AgentStatuses.Silence + TimeSpan.FromSeconds(1), isBusy: true));
        agent.ExitedAt = agent.LastPingAt;
        Assert.Equal(AgentStatus.Exited, agent.StatusAt(agent.LastPingAt, isBusy: false));
        Assert.Equal(workspace.OrganizationId, (await installation.Open().AgentPools.FirstAsync(row => row.Id == pool, TestContext.Current.CancellationToken)).OrganizationId);
    }

    [Theory]
    [InlineData("nobody/pool")]
    [InlineData("pool")]
    [InlineData("a/b/c")]
    [InlineData("NAME, nobody/pool")]
    public async Task A_worker_for_a_pool_that_is_not_there_does_not_start(string names)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var (_, pool) = await PooledAsync(installation);
        var served = new ServedPools(names.Replace("NAME", await NameOfAsync(installation, pool), StringComparison.Ordinal), installation.Databases);

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => served.FindAsync(CancellationToken.None));

        Assert.Contains("There is no agent pool", refused.Message, StringComparison.Ordinal);
        Assert.Empty(served.Ids);
    }

    private static async Task<(Workspace Workspace, AgentPoolId Pool)> PooledAsync(Installation installation)
    {
        var workspace = await installation.ReadyWorkspaceAsync();
        var pool = (await installation.Get<AgentPoolSettings>().CreateAsync(
            workspace.OrganizationId, new AgentPoolEdit("pool", null), CancellationToken.None)).Pool!.Id;
        await SetAsync(installation, workspace, ExecutionMode.Agent, pool);
        return (workspace, pool);
    }

    private static async Task SetAsync(Installation installation, Workspace workspace, ExecutionMode mode, AgentPoolId? pool)
    {
        await using var db = installation.Open();
        await db.Workspaces.Where(row => row.Id == workspace.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.ExecutionMode, mode)
            .SetProperty(row => row.AgentPoolId, pool));
    }

    private static async Task<string> NameOfAsync(Installation installation, AgentPoolId pool)
    {
        await using var db = installation.Open();
        return await (
            from row in db.AgentPools
            join owner in db.Organizations on row.OrganizationId equals owner.Id
            where row.Id == pool
            select owner.Name + "/" + row.Name).FirstAsync();
    }
}
