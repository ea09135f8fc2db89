using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Projects;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunTurnsTests
{
    [Theory, EachDatabase]
    public async Task A_free_worker_takes_from_the_organisation_of_which_the_fewest_runs_are_carried_out(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var busy = await OrganizationAsync(installation);
        var (first, second, third) = (await QueuedAsync(installation, busy), await QueuedAsync(installation, busy), await QueuedAsync(installation, busy));
        var other = await QueuedAsync(installation, await OrganizationAsync(installation));

        // Where nobody else's turn is due, a job is for its own run.
        Assert.Equal(first.Id, (await installation.ClaimAsync(first.Id)).Run.Id);
        Assert.Equal(other.Id, (await installation.ClaimAsync(second.Id)).Run.Id);
        // The other's own job comes later, and finds who gave way.
        Assert.Equal(second.Id, (await installation.ClaimAsync(other.Id)).Run.Id);
        Assert.Equal(third.Id, (await installation.ClaimAsync(third.Id)).Run.Id);
    }

    [Theory, EachDatabase]
    public async Task Applies_go_before_plans_and_these_before_plans_that_nobody_can_apply_whatever_job_was_taken(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var project = await OrganizationAsync(installation);
        var apply = await QueuedAsync(installation, project, request => request with { AutoApply = true });
        Assert.Equal(RunStatus.ApplyQueued, (await installation.PerformAsync(apply.Id)).Status);
        var speculative = await QueuedAsync(installation, project, request => request with { PlanOnly = true });
        var plan = await QueuedAsync(installation, project);

        Assert.Equal(apply.Id, (await installation.ClaimAsync(speculative.Id)).Run.Id);
        Assert.Equal(plan.Id, (await installation.ClaimAsync(speculative.Id)).Run.Id);
        Assert.Equal(speculative.Id, (await installation.ClaimAsync(plan.Id)).Run.Id);
        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(plan.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Many_plans_of_one_workspace_give_way_to_another_workspaces(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var project = await OrganizationAsync(installation);
        var crowded = await WorkspaceAsync(installation, project);
        var (first, second) = (await PlanAsync(crowded), await PlanAsync(crowded));
        var other = await PlanAsync(await WorkspaceAsync(installation, project));

        await installation.ClaimAsync(first.Id);

        Assert.Equal(other.Id, (await installation.ClaimAsync(second.Id)).Run.Id);

        Task<Run> PlanAsync(Workspace workspace) => installation.QueueAsync(workspace.Id, request => request with { PlanOnly = true });
    }

    [Theory, EachDatabase]
    public async Task An_organisation_at_its_limit_is_passed_over_and_goes_on_when_one_of_its_runs_ends(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var limited = await OrganizationAsync(installation);
        await LimitAsync(installation, limited, 1);
        var (first, second) = (await QueuedAsync(installation, limited), await QueuedAsync(installation, limited));
        var claim = await installation.ClaimAsync(first.Id);

        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(second.Id, CancellationToken.None));
        var free = await QueuedAsync(installation, await OrganizationAsync(installation));
        Assert.Equal(free.Id, (await installation.ClaimAsync(second.Id)).Run.Id);
        installation.LoseJobsIn(RunJobs.PlanQueue);
        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
        Assert.Empty(installation.JobsIn(RunJobs.PlanQueue));

        await installation.EndAsync(claim, new PhaseResult(PhaseEnding.Failed));
        Assert.Equal([second.Id.Value], installation.JobsIn(RunJobs.PlanQueue));
        Assert.Equal(second.Id, (await installation.ClaimAsync(second.Id)).Run.Id);
    }

    [Theory, EachDatabase]
    public async Task When_a_limit_is_raised_the_next_sweep_hands_over_who_was_passed_over(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var project = await OrganizationAsync(installation);
        await LimitAsync(installation, project, 1);
        var (first, second) = (await QueuedAsync(installation, project), await QueuedAsync(installation, project));
        await installation.ClaimAsync(first.Id);
        installation.LoseJobsIn(RunJobs.PlanQueue);

        await LimitAsync(installation, project, 2);
        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal([second.Id.Value], installation.JobsIn(RunJobs.PlanQueue));
    }

    [Theory, EachDatabase]
    public async Task A_run_whose_job_is_in_nobodys_hands_any_more_is_handed_over_anew_within_seconds(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await QueuedAsync(installation, await OrganizationAsync(installation));
        await SweepAfterAsync(RunTurns.PatienceWithAJob + TimeSpan.FromSeconds(1));
        Assert.Single(installation.JobsIn(RunJobs.PlanQueue));

        var young = await QueuedAsync(installation, await OrganizationAsync(installation), request => request with { PlanOnly = true });
        installation.LoseJobsIn(RunJobs.PlanQueue);
        installation.LoseJobsIn(RunJobs.SpeculativeQueue);
        await SweepAfterAsync(TimeSpan.Zero);

        Assert.Equal([run.Id.Value], installation.JobsIn(RunJobs.PlanQueue));
        Assert.Empty(installation.JobsIn(RunJobs.SpeculativeQueue));
        await SweepAfterAsync(RunTurns.PatienceWithAJob + TimeSpan.FromSeconds(1));
        Assert.Equal([young.Id.Value], installation.JobsIn(RunJobs.SpeculativeQueue));

        Task SweepAfterAsync(TimeSpan time)
        {
            installation.Clock.Advance(time);
            return installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
        }
    }

    [Theory, EachDatabase]
    public async Task A_run_whose_job_could_not_be_queued_is_there_all_the_same_and_is_handed_over_within_seconds(DatabaseProvider provider)
    {
        var queue = new BrokenQueue();
        await using var installation = await Installation.CreateAsync(
            provider, services => services.AddSingleton<IBackgroundJobClientV2>(built => queue.Around(built.GetRequiredService<JobStorage>())));
        queue.IsBroken = true;

        var run = await QueuedAsync(installation, await OrganizationAsync(installation));

        Assert.Empty(installation.JobsIn(RunJobs.PlanQueue));
        Assert.Contains(run.Id.Value, Assert.Single(installation.Logs.Warnings), StringComparison.Ordinal);
        queue.IsBroken = false;
        installation.Clock.Advance(RunTurns.PatienceWithAJob + TimeSpan.FromSeconds(1));
        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
        Assert.Equal([run.Id.Value], installation.JobsIn(RunJobs.PlanQueue));
    }

    [Theory, EachDatabase]
    public async Task When_all_jobs_are_lost_as_many_come_again_as_may_be_carried_out_and_nobody_loses_their_place(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (free, limited) = (await OrganizationAsync(installation), await OrganizationAsync(installation));
        var (first, second) = (await QueuedAsync(installation, free), await QueuedAsync(installation, free));
        await LimitAsync(installation, limited, 2);
        Run[] held = [await QueuedAsync(installation, limited), await QueuedAsync(installation, limited), await QueuedAsync(installation, limited)];
        installation.LoseJobsIn(RunJobs.PlanQueue);
        installation.Clock.Advance(RunTurns.PatienceWithAJob);

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(
            new[] { first, second, held[0], held[1] }.Select(run => run.Id.Value).Order(), installation.JobsIn(RunJobs.PlanQueue).Order());
        Assert.Equal(first.HeartbeatAt, (await installation.ReadAsync(first.Id)).HeartbeatAt);
    }

    [Theory, EachDatabase]
    public async Task A_run_of_which_this_process_still_clears_up_is_left_to_others(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await QueuedAsync(installation, await OrganizationAsync(installation));
        var claim = await installation.ClaimAsync(run.Id);
        var watching = installation.Get<RunWatches>().Begin(claim);
        var ending = installation.Get<RunWatches>().Begin(claim);
        await installation.EndAsync(claim, new PhaseResult(PhaseEnding.Interrupted));

        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(run.Id, CancellationToken.None));
        await watching.DisposeAsync();
        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(run.Id, CancellationToken.None));
        await ending.DisposeAsync();

        Assert.Equal(run.Id, (await installation.ClaimAsync(run.Id)).Run.Id);
    }

    [Theory, EachDatabase]
    public async Task Workers_who_are_free_at_the_same_moment_keep_to_the_limit_together(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var project = await OrganizationAsync(installation);
        await LimitAsync(installation, project, 2);
        var runs = new List<Run>();
        for (var number = 0; number < 6; number++)
        {
            runs.Add(await QueuedAsync(installation, project));
        }

        var claims = await Task.WhenAll(runs.Select((run, number) => Task.Run(() => new RunClaims(
            installation.Databases, installation.Get<RunTurns>(), new WorkerIdentity($"worker {number}"), installation.Get<INeighbours>(), installation.Get<IAnnouncements>(), installation.Clock)
            .ClaimAsync(run.Id, CancellationToken.None))));

        Assert.Equal(2, claims.Count(claim => claim is not null));
        await using var db = installation.Open();
        Assert.Equal(2, await db.Runs.CountAsync(run => run.Status == RunStatus.Planning));
    }

    [Theory, EachDatabase]
    public async Task The_installation_has_a_limit_for_all_together(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(
            provider, services => services.Configure<RunLimits>(limits => limits.MaxConcurrent = 1));
        var first = await QueuedAsync(installation, await OrganizationAsync(installation));
        var second = await QueuedAsync(installation, await OrganizationAsync(installation));

        var claim = await installation.ClaimAsync(first.Id);
        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(second.Id, CancellationToken.None));
        installation.LoseJobsIn(RunJobs.PlanQueue);
        await installation.EndAsync(claim, new PhaseResult(PhaseEnding.Failed));

        Assert.Equal([second.Id.Value], installation.JobsIn(RunJobs.PlanQueue));
        await installation.ClaimAsync(second.Id);
    }

    [Theory, EachDatabase]
    public async Task A_pools_workers_keep_to_its_limit_and_take_nothing_of_others(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var project = await OrganizationAsync(installation);
        var pool = (await installation.Get<AgentPoolSettings>().CreateAsync(
            project.OrganizationId, new AgentPoolEdit("edge", true) { MaxConcurrentRuns = 1 }, CancellationToken.None)).Pool!;
        var (first, second) = (await PooledAsync(), await PooledAsync());
        var without = await QueuedAsync(installation, project);
        await using (var db = installation.Open())
        {
            var name = (await db.Organizations.SingleAsync(row => row.Id == project.OrganizationId)).Name;
            var served = new ServedPools($"{name}/edge", installation.Databases);
            await served.FindAsync(CancellationToken.None);
            var claims = new RunClaims(
                installation.Databases, new RunTurns(served, installation.Get<RunsAtHand>(), installation.Get<IOptions<RunLimits>>(), installation.Get<RunJobs>(), installation.Clock),
                new WorkerIdentity("edge"), installation.Get<INeighbours>(), installation.Get<IAnnouncements>(), installation.Clock);

            Assert.Equal(first.Id, (await claims.ClaimAsync(first.Id, CancellationToken.None))!.Run.Id);
            Assert.Null(await claims.ClaimAsync(second.Id, CancellationToken.None));
        }
        Assert.Equal(without.Id, (await installation.ClaimAsync(second.Id)).Run.Id);

        async Task<Run> PooledAsync()
        {
            var workspace = await WorkspaceAsync(installation, project);
            await using var db = installation.Open();
            await db.Workspaces.Where(row => row.Id == workspace.Id).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.ExecutionMode, ExecutionMode.Agent).SetProperty(row => row.AgentPoolId, pool.Id));
            return await installation.QueueAsync(workspace.Id);
        }
    }

    [Theory, EachDatabase]
    public async Task Who_waits_because_of_a_limit_is_told_apart_also_where_several_kinds_share_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (free, limited) = (await OrganizationAsync(installation), await OrganizationAsync(installation));
        await QueuedAsync(installation, free);
        await LimitAsync(installation, limited, 3);
        await installation.ClaimAsync((await QueuedAsync(installation, limited)).Id);
        for (var time = 1; time <= 3; time++)
        {
            await QueuedAsync(installation, limited);
            await QueuedAsync(installation, limited, request => request with { PlanOnly = true });
        }

        Assert.Equal((1, 3), await HeldAsync());
        // More than it may have by now.
        await LimitAsync(installation, limited, 0);
        Assert.Equal((3, 3), await HeldAsync());

        async Task<(int, int)> HeldAsync()
        {
            await using var db = installation.Open();
            var held = await installation.Get<RunTurns>().HeldBackAsync(db, CancellationToken.None);
            return (held[(RunJobs.PlanQueue, null)].Sum(), held[(RunJobs.SpeculativeQueue, null)].Sum());
        }
    }

    private static async Task<Project> OrganizationAsync(Installation installation) =>
        await installation.ProjectAsync((await installation.OrganizationAsync()).Id, "Default Project");

    private static async Task<Workspace> WorkspaceAsync(Installation installation, Project project)
    {
        var workspace = await installation.WorkspaceInAsync(project);
        await installation.ConfigurationAsync(workspace.Id);
        return workspace;
    }

    private static async Task<Run> QueuedAsync(Installation installation, Project project, Func<RunRequest, RunRequest>? with = null) =>
        await installation.QueueAsync((await WorkspaceAsync(installation, project)).Id, with);

    private static async Task LimitAsync(Installation installation, Project project, int limit)
    {
        await using var db = installation.Open();
        await db.Organizations.Where(row => row.Id == project.OrganizationId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.MaxConcurrentRuns, limit));
    }

    /// <summary>Fails as the real one does when its database has just gone.</summary>
    private sealed class BrokenQueue : IBackgroundJobClientV2
    {
        private BackgroundJobClient _queue = null!;

        public bool IsBroken { get; set; }

        public JobStorage Storage => _queue.Storage;

        public BrokenQueue Around(JobStorage storage)
        {
            _queue = new BackgroundJobClient(storage);
            return this;
        }

        public string? Create(Job job, IState state, IDictionary<string, object>? parameters) => IsBroken
            ? throw new BackgroundJobClientException("Background job creation failed.", new IOException("The connection is closed."))
            : _queue.Create(job, state, parameters);

        public string? Create(Job job, IState state) => Create(job, state, null);

        public bool ChangeState(string jobId, IState state, string? expectedState) => _queue.ChangeState(jobId, state, expectedState);
    }
}
