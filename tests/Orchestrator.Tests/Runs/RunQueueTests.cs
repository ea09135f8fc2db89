using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunQueueTests
{
    [Theory, EachDatabase]
    public async Task A_run_of_an_idle_workspace_starts_at_once_and_holds_the_lock(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        var run = await installation.QueueAsync(workspace.Id);

        Assert.Equal(RunStatus.PlanQueued, run.Status);
        var after = await installation.ReadAsync(workspace.Id);
        Assert.Equal((run.Id, run.Id), (after.LockedByRunId, after.CurrentRunId));
        Assert.Equal([run.Id.Value], installation.JobsIn(RunJobs.PlanQueue));
        Assert.Equal(PhaseStatus.Queued, (await installation.PlanOfAsync(run.Id)).Status);
        Assert.Equal(PhaseStatus.Pending, (await installation.ApplyOfAsync(run.Id)).Status);
        Assert.Equal(["pending", "plan_queued"], (await installation.HistoryAsync(run.Id)).Select(entry => entry.Action).Order());
    }

    [Theory, EachDatabase]
    public async Task Runs_of_a_workspace_go_one_at_a_time_first_come_first_served(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var runs = new List<RunId>();
        for (var number = 0; number < 4; number++)
        {
            runs.Add((await installation.QueueAsync(workspace.Id)).Id);
        }

        for (var turn = 0; turn < runs.Count; turn++)
        {
            var statuses = await Task.WhenAll(runs.Skip(turn).Select(async id => (await installation.ReadAsync(id)).Status));
            Assert.Equal([RunStatus.PlanQueued, .. Enumerable.Repeat(RunStatus.Pending, runs.Count - turn - 1)], statuses);
            await installation.PerformAsync(runs[turn], hasChanges: false);
        }
        Assert.Equal(runs.Select(id => id.Value).Reverse(), installation.JobsIn(RunJobs.PlanQueue).Reverse());
        Assert.False((await installation.ReadAsync(workspace.Id)).IsLocked);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_waits_for_a_person_keeps_the_next_one_waiting(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await installation.PlannedAsync(workspace.Id);

        Assert.Equal(RunStatus.Pending, (await installation.QueueAsync(workspace.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task Workspaces_do_not_wait_for_each_other(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (one, other) = (await installation.ReadyWorkspaceAsync(), await installation.ReadyWorkspaceAsync());
        await installation.QueueAsync(one.Id);

        Assert.Equal(RunStatus.PlanQueued, (await installation.QueueAsync(other.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task Plan_only_runs_and_saved_plans_go_beside_the_queue(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var holder = await installation.QueueAsync(workspace.Id);

        var speculative = await installation.QueueAsync(workspace.Id, request => request with { PlanOnly = true });
        var saved = await installation.QueueAsync(workspace.Id, request => request with { SavePlan = true });

        Assert.Equal((RunStatus.PlanQueued, RunStatus.PlanQueued), (speculative.Status, saved.Status));
        Assert.Equal([speculative.Id.Value], installation.JobsIn(RunJobs.SpeculativeQueue));
        var after = await installation.ReadAsync(workspace.Id);
        Assert.Equal((holder.Id, holder.Id), (after.LockedByRunId, after.CurrentRunId));
    }

    [Theory, EachDatabase]
    public async Task While_a_person_holds_the_lock_runs_wait_and_then_go_on(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);

        var run = await installation.QueueAsync(workspace.Id);
        Assert.Equal(RunStatus.Pending, run.Status);
        Assert.Empty(installation.JobsIn(RunJobs.PlanQueue));

        await db.UnlockAsync(workspace.Id, Someone.Alice, CancellationToken.None);
        await installation.Get<RunQueue>().AdvanceAsync(workspace.Id, CancellationToken.None);
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task However_many_advance_the_queue_at_once_one_run_is_started_once(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);
        var first = await installation.QueueAsync(workspace.Id);
        var second = await installation.QueueAsync(workspace.Id);
        await db.UnlockAsync(workspace.Id, Someone.Alice, CancellationToken.None);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => installation.Get<RunQueue>().AdvanceAsync(workspace.Id, CancellationToken.None))));

        Assert.Equal([first.Id.Value], installation.JobsIn(RunJobs.PlanQueue));
        Assert.Equal(RunStatus.Pending, (await installation.ReadAsync(second.Id)).Status);
        Assert.Single(await installation.HistoryAsync(first.Id), entry => entry.Action == "plan_queued");
    }

    [Theory, EachDatabase]
    public async Task A_runs_variables_are_those_of_the_moment_it_was_asked_for(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "region", "eu");
        await installation.VariableAsync(workspace.Id, "size", "small");
        await installation.VariableAsync(workspace.Id, "size", "an environment variable", VariableCategory.Env);
        var own = new PlainVariable("size", VariableCategory.Terraform, "large", Hcl: false, Sensitive: false);

        var run = await installation.QueueAsync(workspace.Id, request => request with { Variables = [own] });
        await using (var db = installation.Open())
        {
            await db.Variables.ExecuteDeleteAsync();
        }
        await installation.VariableAsync(workspace.Id, "region", "us");

        var frozen = installation.Get<RunVariables>().Open(await installation.ReadAsync(run.Id));
        Assert.Equal(
            ["region=eu", "size=an environment variable", "size=large"],
            frozen.Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(-1, run.ProtectedVariables.AsSpan().IndexOf("large"u8));
    }

    [Theory, EachDatabase]
    public async Task A_run_keeps_what_it_was_asked_for(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync(row => (row.AutoApply, row.TerraformVersion, row.WorkingDirectory) = (true, "1.11.4", "prod"));

        var run = await installation.QueueAsync(workspace.Id, request => request with
        {
            Message = "Make it so", TargetAddresses = ["a.b", "module.c[\"d\"]"], ReplaceAddresses = ["e.f"], Refresh = false,
        });

        var stored = await installation.ReadAsync(run.Id);
        Assert.Equal(["a.b", "module.c[\"d\"]"], stored.Options.TargetAddresses);
        Assert.Equal(["e.f"], stored.Options.ReplaceAddresses);
        Assert.Equal((true, false), (stored.Options.AutoApply, stored.Options.Refresh));
        Assert.Equal(("Make it so", "alice", "tfe-api", "1.11.4", "prod"),
            (stored.Message, stored.CreatedBy, stored.Source, stored.TerraformVersion, stored.WorkingDirectory));
    }

    [Theory, EachDatabase]
    public async Task A_run_that_follows_another_workspaces_applies_by_a_setting_of_its_own(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var source = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var careful = await installation.ReadyWorkspaceAsync(row => (row.AutoApply, row.AutoApplyRunTrigger) = (true, false));
        var quick = await installation.ReadyWorkspaceAsync(row => (row.AutoApply, row.AutoApplyRunTrigger) = (false, true));

        Assert.False((await installation.QueueAsync(careful.Id, request => request with { TriggeredBy = source })).Options.AutoApply);
        Assert.True((await installation.QueueAsync(quick.Id, request => request with { TriggeredBy = source })).Options.AutoApply);
        Assert.True((await installation.QueueAsync(careful.Id)).Options.AutoApply);
    }

    [Theory, EachDatabase]
    public async Task A_saved_plan_is_never_applied_by_itself(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync(row => row.AutoApply = true);

        var run = await installation.QueueAsync(workspace.Id, request => request with { SavePlan = true, AutoApply = true });

        Assert.False(run.Options.AutoApply);
    }

    [Theory, EachDatabase]
    public async Task The_newest_usable_configuration_is_taken(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        async Task<ConfigurationVersionId> NewAsync(bool speculative = false, bool provisional = false)
        {
            installation.Clock.Advance(TimeSpan.FromMinutes(1));
            return (await installation.ConfigurationAsync(workspace.Id, speculative, provisional)).Id;
        }
        var newest = await NewAsync();
        var speculative = await NewAsync(speculative: true);
        await NewAsync(provisional: true);

        Assert.Equal(newest, (await installation.QueueAsync(workspace.Id)).ConfigurationVersionId);
        var asked = await installation.QueueAsync(workspace.Id, request => request with { ConfigurationVersionId = speculative });
        Assert.Equal((speculative, true), (asked.ConfigurationVersionId, asked.Options.PlanOnly));
    }
}
