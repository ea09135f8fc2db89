using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class RunActionsTests
{
    [Theory, EachDatabase]
    public async Task Confirming_a_plan_queues_its_apply(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await PlannedAsync(installation);
        using var told = installation.Get<IAnnouncements>().Subscribe(Topic.Run(run.Id));

        var result = await Actions(installation).ConfirmAsync(run.Id, Someone.Bob, "looks good", CancellationToken.None);

        Assert.True(result.IsDone);
        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((RunStatus.ApplyQueued, "bob"), (after.Status, after.ConfirmedBy));
        Assert.Equal([run.Id.Value], installation.JobsIn(RunJobs.ApplyQueue));
        Assert.Equal(PhaseStatus.Queued, (await installation.ApplyOfAsync(run.Id)).Status);
        var entry = Assert.Single(await installation.HistoryAsync(run.Id), happening => happening.Action == "confirmed");
        Assert.Equal(("bob", "looks good"), (entry.Actor, entry.Description));
        await told.WaitAsync(CancellationToken.None).AsTask().WaitAsync(Wait.Limit);
    }

    [Theory, EachDatabase]
    public async Task Of_many_who_confirm_at_once_one_does_and_the_others_are_told(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await PlannedAsync(installation);

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() =>
            Actions(installation).ConfirmAsync(run.Id, Someone.Called($"person {number}"), null, CancellationToken.None))));

        Assert.Single(results, result => result.IsDone);
        Assert.All(results.Where(result => !result.IsDone), result =>
            Assert.Equal("The run is apply_queued, so it cannot be confirmed.", result.Refusal));
        Assert.Equal([run.Id.Value], installation.JobsIn(RunJobs.ApplyQueue));
    }

    [Theory, EachDatabase]
    public async Task Of_a_yes_and_a_no_at_once_one_holds(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await PlannedAsync(installation);

        var results = await Task.WhenAll(
            Task.Run(() => Actions(installation).ConfirmAsync(run.Id, Someone.Alice, null, CancellationToken.None)),
            Task.Run(() => Actions(installation).DiscardAsync(run.Id, Someone.Bob, null, CancellationToken.None)));

        Assert.Single(results, result => result.IsDone);
        Assert.Equal(results[0].IsDone ? RunStatus.ApplyQueued : RunStatus.Discarded, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_is_not_planned_cannot_be_confirmed(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        var result = await Actions(installation).ConfirmAsync(run.Id, Someone.Bob, null, CancellationToken.None);

        Assert.Equal("The run is plan_queued, so it cannot be confirmed.", result.Refusal);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task Nothing_can_be_done_to_a_run_that_does_not_exist(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (actions, nobody) = (Actions(installation), Identifier.New<RunId>());

        Assert.Equal("The run does not exist.", (await actions.ConfirmAsync(nobody, Someone.Bob, null, CancellationToken.None)).Refusal);
        Assert.Equal("The run does not exist.", (await actions.DiscardAsync(nobody, Someone.Bob, null, CancellationToken.None)).Refusal);
        Assert.Equal("The run does not exist.", (await actions.CancelAsync(nobody, Someone.Bob, null, CancellationToken.None)).Refusal);
        Assert.False((await actions.ForceCancelAsync(nobody, Someone.Bob, null, CancellationToken.None)).IsDone);
    }

    [Theory, EachDatabase]
    public async Task Discarding_releases_the_lock_and_starts_the_next_run(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await PlannedAsync(installation);
        var next = await installation.QueueAsync(run.WorkspaceId);

        Assert.True((await Actions(installation).DiscardAsync(run.Id, Someone.Bob, "not now", CancellationToken.None)).IsDone);

        Assert.Equal(RunStatus.Discarded, (await installation.ReadAsync(run.Id)).Status);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(next.Id)).Status);
        Assert.Equal(next.Id, (await installation.ReadAsync(run.WorkspaceId)).LockedByRunId);
        var apply = await installation.ApplyOfAsync(run.Id);
        Assert.Equal((PhaseStatus.Unreachable, 0L), (apply.Status, apply.LogLength));
    }

    [Theory, EachDatabase]
    public async Task Canceling_a_run_that_waits_ends_it_and_starts_the_next(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var next = await installation.QueueAsync(run.WorkspaceId);

        Assert.True((await Actions(installation).CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None)).IsDone);

        Assert.Equal(RunStatus.Canceled, (await installation.ReadAsync(run.Id)).Status);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(next.Id)).Status);
        Assert.Equal(PhaseStatus.Unreachable, (await installation.PlanOfAsync(run.Id)).Status);
        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(run.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Canceling_a_run_that_a_worker_has_asks_the_worker_to_stop(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.ClaimAsync(run.Id);
        using var told = installation.Get<IAnnouncements>().Subscribe(Topic.Run(run.Id));

        Assert.True((await Actions(installation).CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None)).IsDone);

        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((RunStatus.Planning, installation.Clock.GetUtcNow()), (after.Status, after.CancelRequestedAt));
        Assert.Equal(run.Id, (await installation.ReadAsync(run.WorkspaceId)).LockedByRunId);
        await told.WaitAsync(CancellationToken.None).AsTask().WaitAsync(Wait.Limit);
        Assert.Equal("The run is already being canceled.", (await Actions(installation).CancelAsync(run.Id, Someone.Eve, null, CancellationToken.None)).Refusal);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_is_over_cannot_be_canceled_or_discarded(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.PerformAsync(run.Id, hasChanges: false);

        Assert.Equal("The run is planned_and_finished, so it cannot be canceled.",
            (await Actions(installation).CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None)).Refusal);
        Assert.Equal("The run is planned_and_finished, so it cannot be discarded.",
            (await Actions(installation).DiscardAsync(run.Id, Someone.Bob, null, CancellationToken.None)).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Force_cancel_is_possible_only_some_time_after_a_cancel(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.ClaimAsync(run.Id);
        var actions = Actions(installation);
        Task<ActionResult> ForceAsync() => actions.ForceCancelAsync(run.Id, Someone.Bob, null, CancellationToken.None);

        Assert.Equal(
            "A run can be force-canceled when it was canceled 30 seconds ago and is still running.", (await ForceAsync()).Refusal);
        await actions.CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None);
        installation.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False((await ForceAsync()).IsDone);
        Assert.Null((await installation.ReadAsync(run.Id)).ForceCancelRequestedAt);
        installation.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await ForceAsync()).IsDone);
        Assert.Equal(installation.Clock.GetUtcNow(), (await installation.ReadAsync(run.Id)).ForceCancelRequestedAt);
        Assert.False((await ForceAsync()).IsDone);
    }

    [Theory, EachDatabase]
    public async Task Confirming_a_saved_plan_applies_it_when_the_workspace_is_free(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var saved = await installation.PlannedAsync(workspace.Id, request => request with { SavePlan = true });
        Assert.Equal(RunStatus.PlannedAndSaved, saved.Status);

        Assert.True((await Actions(installation).ConfirmAsync(saved.Id, Someone.Bob, null, CancellationToken.None)).IsDone);

        Assert.Equal(RunStatus.ApplyQueued, (await installation.ReadAsync(saved.Id)).Status);
        Assert.Equal(saved.Id, (await installation.ReadAsync(workspace.Id)).LockedByRunId);
        Assert.Equal([saved.Id.Value], installation.JobsIn(RunJobs.ApplyQueue));
    }

    [Theory, EachDatabase]
    public async Task A_confirmed_saved_plan_waits_in_the_queue_like_everybody_else(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var saved = await installation.PlannedAsync(workspace.Id, request => request with { SavePlan = true });
        var holder = await installation.QueueAsync(workspace.Id);

        await Actions(installation).ConfirmAsync(saved.Id, Someone.Bob, null, CancellationToken.None);
        Assert.Equal(RunStatus.Confirmed, (await installation.ReadAsync(saved.Id)).Status);
        await Actions(installation).CancelAsync(holder.Id, Someone.Bob, null, CancellationToken.None);

        Assert.Equal(RunStatus.ApplyQueued, (await installation.ReadAsync(saved.Id)).Status);
        Assert.Equal(saved.Id, (await installation.ReadAsync(workspace.Id)).LockedByRunId);
    }

    private static RunActions Actions(Installation installation) => installation.Get<RunActions>();

    private static async Task<Run> PlannedAsync(Installation installation) =>
        await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id);
}
