using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class PhaseEndingsTests
{
    [Theory]
    [EachDatabase(true, false, false, false, false, RunStatus.Planned)]
    [EachDatabase(false, false, false, false, false, RunStatus.PlannedAndFinished)]
    [EachDatabase(true, true, false, false, false, RunStatus.ApplyQueued)]
    [EachDatabase(false, true, false, false, false, RunStatus.PlannedAndFinished)]
    [EachDatabase(true, false, true, false, false, RunStatus.PlannedAndFinished)]
    [EachDatabase(true, true, true, false, false, RunStatus.PlannedAndFinished)]
    [EachDatabase(true, false, false, true, false, RunStatus.PlannedAndSaved)]
    [EachDatabase(false, false, false, true, false, RunStatus.PlannedAndFinished)]
    [EachDatabase(false, false, false, false, true, RunStatus.ApplyQueued)]
    [EachDatabase(true, false, false, false, true, RunStatus.ApplyQueued)]
    [EachDatabase(false, false, true, false, true, RunStatus.PlannedAndFinished)]
    public async Task A_finished_plan_goes_on_as_its_options_say(
        DatabaseProvider provider, bool hasChanges, bool autoApply, bool planOnly, bool savePlan, bool allowEmptyApply, RunStatus expected)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.QueueAsync(workspace.Id, request => request with
        {
            AutoApply = autoApply, PlanOnly = planOnly, SavePlan = savePlan, AllowEmptyApply = allowEmptyApply,
        });

        var after = await installation.PerformAsync(run.Id, hasChanges);

        Assert.Equal(expected, after.Status);
        var holds = expected is RunStatus.Planned or RunStatus.ApplyQueued;
        Assert.Equal(holds ? run.Id : null, (await installation.ReadAsync(workspace.Id)).LockedByRunId);
        Assert.Equal(expected == RunStatus.ApplyQueued ? [run.Id.Value] : [], installation.JobsIn(RunJobs.ApplyQueue));
        Assert.Equal(
            expected switch
            {
                RunStatus.ApplyQueued => PhaseStatus.Queued,
                RunStatus.PlannedAndFinished => PhaseStatus.Unreachable,
                _ => PhaseStatus.Pending,
            },
            (await installation.ApplyOfAsync(run.Id)).Status);
        Assert.Equal((PhaseStatus.Finished, hasChanges), (await installation.PlanOfAsync(run.Id)) is var plan ? (plan.Status, plan.HasChanges) : default);
    }

    [Theory]
    [EachDatabase(PhaseEnding.Succeeded, RunStatus.Applied, PhaseStatus.Finished)]
    [EachDatabase(PhaseEnding.Failed, RunStatus.Errored, PhaseStatus.Errored)]
    [EachDatabase(PhaseEnding.Canceled, RunStatus.Canceled, PhaseStatus.Canceled)]
    [EachDatabase(PhaseEnding.Interrupted, RunStatus.Errored, PhaseStatus.Errored)]
    public async Task An_apply_ends_the_run_and_lets_the_next_one_start(
        DatabaseProvider provider, PhaseEnding ending, RunStatus expected, PhaseStatus phase)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.PlannedAsync(workspace.Id, request => request with { AutoApply = true });
        var next = await installation.QueueAsync(workspace.Id);
        var claim = await installation.ClaimAsync(run.Id);

        await installation.EndAsync(claim, new PhaseResult(ending, Outcome: "what happened"));

        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((expected, "what happened"), (after.Status, after.Outcome));
        Assert.Equal(phase, (await installation.ApplyOfAsync(run.Id)).Status);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(next.Id)).Status);
        Assert.Equal(next.Id, (await installation.ReadAsync(workspace.Id)).LockedByRunId);
    }

    [Theory, EachDatabase]
    public async Task Drift_is_the_workspaces_until_a_plan_finds_none_or_an_apply_has_mended_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        var found = await PlanAsync(drifted: 3, planOnly: true);
        Assert.Equal((3, found), await DriftAsync());
        await PlanAsync(drifted: 0, planOnly: true, refresh: false);
        await PlanAsync(drifted: 0, planOnly: true, target: "terraform_data.one");
        Assert.Equal((3, found), await DriftAsync());
        await PlanAsync(drifted: 0, planOnly: true);
        Assert.Equal((0, null), await DriftAsync());

        var mending = await PlanAsync(drifted: 2, autoApply: true);
        Assert.Equal((2, mending), await DriftAsync());
        await installation.EndAsync(await installation.ClaimAsync(mending), new PhaseResult(PhaseEnding.Succeeded));
        Assert.Equal((0, null), await DriftAsync());

        async Task<RunId> PlanAsync(int drifted, bool planOnly = false, bool autoApply = false, bool refresh = true, string? target = null)
        {
            var run = await installation.QueueAsync(workspace.Id, request => request with
            {
                PlanOnly = planOnly, AutoApply = autoApply, Refresh = refresh, TargetAddresses = target is null ? [] : [target],
            });
            await installation.EndAsync(
                await installation.ClaimAsync(run.Id), new PhaseResult(PhaseEnding.Succeeded, HasChanges: true, new PlanSummary(0, 1, 0, 0, 0) { Drifted = drifted }));
            return run.Id;
        }

        async Task<(int, RunId?)> DriftAsync() => await installation.ReadAsync(workspace.Id) is var now ? (now.DriftedResources, now.DriftRunId) : default;
    }

    [Theory]
    [EachDatabase(PhaseEnding.Failed, RunStatus.Errored, PhaseStatus.Errored)]
    [EachDatabase(PhaseEnding.Canceled, RunStatus.Canceled, PhaseStatus.Canceled)]
    public async Task A_plan_that_does_not_end_well_ends_the_run(
        DatabaseProvider provider, PhaseEnding ending, RunStatus expected, PhaseStatus phase)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        await installation.EndAsync(await installation.ClaimAsync(run.Id), new PhaseResult(ending, Outcome: "what happened"));

        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((expected, "what happened"), (after.Status, after.Outcome));
        Assert.Equal(phase, (await installation.PlanOfAsync(run.Id)).Status);
        Assert.Equal(PhaseStatus.Unreachable, (await installation.ApplyOfAsync(run.Id)).Status);
        Assert.False((await installation.ReadAsync(run.WorkspaceId)).IsLocked);
    }

    [Theory, EachDatabase]
    public async Task An_interrupted_plan_is_done_again_but_not_for_ever(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        for (var attempt = 1; attempt < PhaseEndings.MaxAttempts; attempt++)
        {
            await installation.EndAsync(await installation.ClaimAsync(run.Id), new PhaseResult(PhaseEnding.Interrupted));
            Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
            Assert.Equal(PhaseStatus.Queued, (await installation.PlanOfAsync(run.Id)).Status);
            Assert.Equal(attempt + 1, installation.JobsIn(RunJobs.PlanQueue).Count);
            Assert.Equal(run.Id, (await installation.ReadAsync(run.WorkspaceId)).LockedByRunId);
        }
        await installation.EndAsync(await installation.ClaimAsync(run.Id), new PhaseResult(PhaseEnding.Interrupted));

        Assert.Equal((RunStatus.Errored, 3), (await installation.ReadAsync(run.Id)) is var after ? (after.Status, after.PlanAttempts) : default);
        Assert.False((await installation.ReadAsync(run.WorkspaceId)).IsLocked);
    }

    [Theory, EachDatabase]
    public async Task An_apply_that_had_to_stop_before_terraform_was_let_go_is_done_again_but_not_for_ever(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        var stopped = new PhaseResult(PhaseEnding.Interrupted) { ChangedNothing = true };

        for (var attempt = 1; attempt < PhaseEndings.MaxAttempts; attempt++)
        {
            await installation.EndAsync(await installation.ClaimAsync(run.Id), stopped);
            Assert.Equal(RunStatus.ApplyQueued, (await installation.ReadAsync(run.Id)).Status);
            Assert.Equal(PhaseStatus.Queued, (await installation.ApplyOfAsync(run.Id)).Status);
            Assert.Equal(attempt + 1, installation.JobsIn(RunJobs.ApplyQueue).Count);
            Assert.Equal(run.Id, (await installation.ReadAsync(run.WorkspaceId)).LockedByRunId);
        }
        await installation.EndAsync(await installation.ClaimAsync(run.Id), stopped);

        Assert.Equal((RunStatus.Errored, 3), (await installation.ReadAsync(run.Id)) is var after ? (after.Status, after.ApplyAttempts) : default);
        Assert.False((await installation.ReadAsync(run.WorkspaceId)).IsLocked);
    }

    [Theory, EachDatabase]
    public async Task An_apply_that_may_have_changed_something_is_never_done_again(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        var claim = await installation.BeginApplyAsync(run.Id);

        await installation.EndAsync(claim, new PhaseResult(PhaseEnding.Interrupted));

        Assert.Equal(RunStatus.Errored, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_phase_whose_claim_was_lost_records_nothing(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        await installation.EndAsync(await installation.ClaimAsync(run.Id), new PhaseResult(PhaseEnding.ClaimLost));

        Assert.Equal(RunStatus.Planning, (await installation.ReadAsync(run.Id)).Status);
        Assert.Equal(PhaseStatus.Running, (await installation.PlanOfAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task What_the_phase_did_is_kept(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var receipt = new WipeReceipt(Installation.Start, 2, true, true, true, ["log", "plan"], ["log"]);
        PhaseStep[] steps = [new("prepare", Installation.Start, 12), new("plan", Installation.Start, 345)];

        await installation.Get<PhaseEndings>().RecordAsync(
            await installation.ClaimAsync(run.Id), new PhaseResult(PhaseEnding.Succeeded, true, new PlanSummary(1, 2, 3, 4, 5)), receipt, steps, 678);

        var plan = await installation.PlanOfAsync(run.Id);
        Assert.Equal((1, 2, 3, 4, 5), (plan.Additions, plan.Changes, plan.Destructions, plan.Imports, plan.Moves));
        Assert.Equal((678, installation.Clock.GetUtcNow()), (plan.LogLength, plan.FinishedAt));
        Assert.Equal(steps, plan.Steps);
        Assert.Equal(receipt.ToJson(), plan.WipeReceipt!.ToJson());
        Assert.False(plan.WipeReceipt.IsClean);
        Assert.True(plan.IsOver);
    }

    [Theory, EachDatabase]
    public async Task After_an_apply_the_workspaces_saved_plans_are_discarded(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (workspace, elsewhere) = (await installation.ReadyWorkspaceAsync(), await installation.ReadyWorkspaceAsync());
        var saved = await installation.PlannedAsync(workspace.Id, request => request with { SavePlan = true });
        var other = await installation.PlannedAsync(elsewhere.Id, request => request with { SavePlan = true });
        var run = await installation.PlannedAsync(workspace.Id, request => request with { AutoApply = true });

        await installation.PerformAsync(run.Id);

        Assert.Equal(RunStatus.Discarded, (await installation.ReadAsync(saved.Id)).Status);
        Assert.Equal(RunStatus.PlannedAndSaved, (await installation.ReadAsync(other.Id)).Status);
        Assert.Equal(PhaseStatus.Unreachable, (await installation.ApplyOfAsync(saved.Id)).Status);
        var entry = Assert.Single(await installation.HistoryAsync(saved.Id), happening => happening.Action == "discarded");
        Assert.Equal($"The state changed with {run.Id}.", entry.Description);
    }
}
