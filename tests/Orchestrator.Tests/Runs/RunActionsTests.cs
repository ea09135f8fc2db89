using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunActionsTests
{
    [Theory, EachDatabase]
    public async Task Confirming_a_plan_queues_its_apply(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await PlannedAsync(installation);
        using var told = installation.Get<IAnnouncements>().Subscribe(Topic.Run(run.Id));

        var result = await Actions(installation).ConfirmAsync(run.Id, Someone.Bob, "looks good", mayUseCredentials: true, CancellationToken.None);

        Assert.True(result.IsDone);
        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((RunStatus.ApplyQueued, "bob"), (after.Status, after.ConfirmedBy));
        Assert.Equal([run.Id.Value], installation.JobsIn(RunJobs.ApplyQueue));
        Assert.Equal(PhaseStatus.Queued, (await installation.ApplyOfAsync(run.Id)).Status);
        var entry = Assert.Single(await installation.HistoryAsync(run.Id), happening => happening.Action == "confirmed");
        Assert.Equal(("bob", "looks good"), (entry.Actor, entry.Comment));
        await told.WaitAsync(CancellationToken.None).AsTask().WaitAsync(Wait.Limit);
    }

    [Theory, EachDatabase]
    public async Task Of_many_who_confirm_at_once_one_does_and_the_others_are_told(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await PlannedAsync(installation);

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() =>
            Actions(installation).ConfirmAsync(run.Id, Someone.Called($"person {number}"), null, mayUseCredentials: true, CancellationToken.None))));

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
            Task.Run(() => Actions(installation).ConfirmAsync(run.Id, Someone.Alice, null, mayUseCredentials: true, CancellationToken.None)),
            Task.Run(() => Actions(installation).DiscardAsync(run.Id, Someone.Bob, null, CancellationToken.None)));

        Assert.Single(results, result => result.IsDone);
        Assert.Equal(results[0].IsDone ? RunStatus.ApplyQueued : RunStatus.Discarded, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_is_not_planned_cannot_be_confirmed(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        var result = await Actions(installation).ConfirmAsync(run.Id, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None);

        Assert.Equal("The run is plan_queued, so it cannot be confirmed.", result.Refusal);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task Nothing_can_be_done_to_a_run_that_does_not_exist(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (actions, nobody) = (Actions(installation), Identifier.New<RunId>());

        Assert.Equal("The run does not exist.", (await actions.ConfirmAsync(nobody, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None)).Refusal);
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
        // Its job is still in the queue, and then there is nothing for it.
        Assert.Equal(next.Id, (await installation.ClaimAsync(next.Id)).Run.Id);
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

        Assert.True((await Actions(installation).ConfirmAsync(saved.Id, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None)).IsDone);

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

        await Actions(installation).ConfirmAsync(saved.Id, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None);
        Assert.Equal(RunStatus.Confirmed, (await installation.ReadAsync(saved.Id)).Status);
        await Actions(installation).CancelAsync(holder.Id, Someone.Bob, null, CancellationToken.None);

        Assert.Equal(RunStatus.ApplyQueued, (await installation.ReadAsync(saved.Id)).Status);
        Assert.Equal(saved.Id, (await installation.ReadAsync(workspace.Id)).LockedByRunId);
    }

    [Theory, EachDatabase]
    public async Task A_confirmed_saved_plan_ends_errored_when_the_state_changed_while_it_waited(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var saved = await installation.PlannedAsync(workspace.Id, request => request with { SavePlan = true });
        var holder = await installation.QueueAsync(workspace.Id);
        await Actions(installation).ConfirmAsync(saved.Id, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None);
        await installation.ChangeStateAsync(workspace.Id);
        var next = await installation.QueueAsync(workspace.Id);

        await Actions(installation).CancelAsync(holder.Id, Someone.Bob, null, CancellationToken.None);

        var after = await installation.ReadAsync(saved.Id);
        Assert.Equal((RunStatus.Errored, "The workspace's state has changed since this plan was saved."), (after.Status, after.Outcome));
        Assert.Equal(PhaseStatus.Unreachable, (await installation.ApplyOfAsync(saved.Id)).Status);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(next.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_saved_plan_of_an_older_state_cannot_be_confirmed(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var saved = await installation.PlannedAsync(workspace.Id, request => request with { SavePlan = true });
        await installation.ChangeStateAsync(workspace.Id);

        var result = await Actions(installation).ConfirmAsync(saved.Id, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None);

        Assert.Equal("The run is discarded, so it cannot be confirmed.", result.Refusal);
        Assert.Equal("The workspace's state has changed since this plan was saved.", (await installation.HistoryAsync(saved.Id))[^1].Description);
    }

    [Theory, EachDatabase]
    public async Task The_sweep_discards_saved_plans_of_an_older_state_and_no_others(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (changed, still) = (await installation.ReadyWorkspaceAsync(), await installation.ReadyWorkspaceAsync());
        var stale = await installation.PlannedAsync(changed.Id, request => request with { SavePlan = true });
        var fresh = await installation.PlannedAsync(still.Id, request => request with { SavePlan = true });
        await installation.ChangeStateAsync(changed.Id);
        var after = await installation.PlannedAsync(changed.Id, request => request with { SavePlan = true });

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(
            [RunStatus.Discarded, RunStatus.PlannedAndSaved, RunStatus.PlannedAndSaved],
            [(await installation.ReadAsync(stale.Id)).Status, (await installation.ReadAsync(fresh.Id)).Status, (await installation.ReadAsync(after.Id)).Status]);
    }

    [Theory, EachDatabase]
    public async Task Force_execute_discards_what_waits_and_gives_a_pending_run_its_place(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var holder = await PlannedAsync(installation);
        var older = await installation.QueueAsync(holder.WorkspaceId);
        var run = await installation.QueueAsync(holder.WorkspaceId);
        var younger = await installation.QueueAsync(holder.WorkspaceId);

        var result = await Actions(installation).ForceExecuteAsync(run.Id, Someone.Bob, "now", CancellationToken.None);

        Assert.Null(result.Refusal);
        Assert.Equal(
            [RunStatus.Discarded, RunStatus.Discarded, RunStatus.PlanQueued, RunStatus.Pending],
            [
                (await installation.ReadAsync(holder.Id)).Status, (await installation.ReadAsync(older.Id)).Status,
                (await installation.ReadAsync(run.Id)).Status, (await installation.ReadAsync(younger.Id)).Status,
            ]);
        Assert.Equal(run.Id, (await installation.ReadAsync(run.WorkspaceId)).LockedByRunId);
        var entry = Assert.Single(await installation.HistoryAsync(holder.Id), happening => happening.Action == "discarded");
        Assert.Equal(("bob", $"Made way for {run.Id}.", "now"), (entry.Actor, entry.Description, entry.Comment));
        Assert.Equal("bob", Assert.Single(await installation.HistoryAsync(run.Id), happening => happening.Action == "force_executed").Actor);
    }

    [Theory, EachDatabase]
    public async Task Force_execute_does_not_push_a_working_run_aside(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var holder = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.ClaimAsync(holder.Id);
        var run = await installation.QueueAsync(holder.WorkspaceId);

        var result = await Actions(installation).ForceExecuteAsync(run.Id, Someone.Bob, null, CancellationToken.None);

        Assert.Equal($"{holder.Id} is planning and cannot be discarded. Cancel it first.", result.Refusal);
        Assert.Equal((RunStatus.Planning, RunStatus.Pending),
            ((await installation.ReadAsync(holder.Id)).Status, (await installation.ReadAsync(run.Id)).Status));
        Assert.Equal("The run is planning, so it cannot be force-executed; only one that is pending can.",
            (await Actions(installation).ForceExecuteAsync(holder.Id, Someone.Bob, null, CancellationToken.None)).Refusal);
        Assert.Equal("The run does not exist.",
            (await Actions(installation).ForceExecuteAsync(Identifier.New<RunId>(), Someone.Bob, null, CancellationToken.None)).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Force_execute_does_not_get_past_a_persons_lock(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await using (var db = installation.Open())
        {
            await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);
        }
        var run = await installation.QueueAsync(workspace.Id);

        var result = await Actions(installation).ForceExecuteAsync(run.Id, Someone.Bob, null, CancellationToken.None);

        Assert.Equal("No run stands in the way of this one. If a person has locked the workspace, it has to be unlocked.", result.Refusal);
        Assert.Equal(RunStatus.Pending, (await installation.ReadAsync(run.Id)).Status);
    }

    private static RunActions Actions(Installation installation) => installation.Get<RunActions>();

    private static async Task<Run> PlannedAsync(Installation installation) =>
        await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id);
}
