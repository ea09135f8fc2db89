using System.Diagnostics;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.RunLogs;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunRecoveryTests
{
    private static readonly byte[] State = Encoding.UTF8.GetBytes(
        """{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"line","resources":[{"mode":"managed","instances":[{}]}]}""");

    [Theory, EachDatabase]
    public async Task A_plan_whose_worker_died_is_queued_again(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var run = await dead.QueueAsync((await dead.ReadyWorkspaceAsync()).Id);
        await dead.ClaimAsync(run.Id);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.PlanQueued, (await alive.ReadAsync(run.Id)).Status);
        Assert.Equal([run.Id.Value], alive.JobsIn(RunJobs.PlanQueue));
        Assert.Equal(run.Id, (await alive.ReadAsync(run.WorkspaceId)).LockedByRunId);
        Assert.Contains("The worker died while it planned.", await LogAsync(alive, run.Id, "plan"), StringComparison.Ordinal);
        Assert.NotNull(await alive.Get<RunClaims>().ClaimAsync(run.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_plan_that_somebody_had_canceled_is_not_queued_again(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var run = await dead.QueueAsync((await dead.ReadyWorkspaceAsync()).Id);
        await dead.ClaimAsync(run.Id);
        await dead.Get<RunActions>().CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.Canceled, (await alive.ReadAsync(run.Id)).Status);
        Assert.False((await alive.ReadAsync(run.WorkspaceId)).IsLocked);
    }

    [Theory, EachDatabase]
    public async Task An_apply_whose_worker_died_before_terraform_was_let_go_is_queued_again_and_the_worker_may_not_let_it_go_any_more(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var run = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        var claim = await dead.ClaimAsync(run.Id);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.ApplyQueued, (await alive.ReadAsync(run.Id)).Status);
        Assert.Equal([run.Id.Value], alive.JobsIn(RunJobs.ApplyQueue));
        Assert.Equal(run.Id, (await alive.ReadAsync(run.WorkspaceId)).LockedByRunId);
        Assert.Contains("Nothing was changed.", await LogAsync(alive, run.Id, "apply"), StringComparison.Ordinal);
        var again = await alive.ClaimAsync(run.Id);
        Assert.False(await alive.Get<RunClaims>().BeginApplyAsync(claim, CancellationToken.None));
        Assert.True(await alive.Get<RunClaims>().BeginApplyAsync(again, CancellationToken.None));
    }

    /// <summary>It does not say what it has let go, so it may have.</summary>
    [Theory, EachDatabase]
    public async Task An_apply_that_an_older_version_had_claimed_is_not_done_again(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var run = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        await dead.ClaimAsync(run.Id);
        await using (var db = dead.Open())
        {
            await db.Runs.ExecuteUpdateAsync(set => set.SetProperty(row => row.ApplyIsHeld, false));
        }
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.Errored, (await alive.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task An_apply_whose_worker_died_ends_errored_and_its_state_is_taken_in(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var run = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        var next = await dead.QueueAsync(run.WorkspaceId);
        await dead.BeginApplyAsync(run.Id);
        var directory = RunDirectory.Create(dead.Get<DataDirectory>(), run.Id);
        await File.WriteAllBytesAsync(Path.Combine(directory.Configuration, "errored.tfstate"), State);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        var after = await alive.ReadAsync(run.Id);
        Assert.Equal(RunStatus.Errored, after.Status);
        Assert.Contains("The worker died while it applied this run.", after.Outcome, StringComparison.Ordinal);
        var current = await alive.Get<StateStore>().CurrentAsync(run.WorkspaceId, CancellationToken.None);
        Assert.Equal((7, run.Id, 1), (current!.Serial, current.RunId, current.ResourceCount));
        Assert.False(Directory.Exists(directory.Root));
        var apply = await alive.ApplyOfAsync(run.Id);
        Assert.Equal(PhaseStatus.Errored, apply.Status);
        Assert.True(apply.WipeReceipt!.IsClean);
        // The lock has gone on to whoever was waiting.
        Assert.Equal(next.Id, (await alive.ReadAsync(run.WorkspaceId)).LockedByRunId);
        Assert.Equal(RunStatus.PlanQueued, (await alive.ReadAsync(next.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_state_that_a_cut_off_worker_has_left_of_a_run_that_others_have_ended_is_kept_and_said(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        await installation.EndAsync(await installation.ClaimAsync(run.Id), new PhaseResult(PhaseEnding.Interrupted));
        var directory = RunDirectory.Create(installation.Get<DataDirectory>(), run.Id);
        await File.WriteAllBytesAsync(Path.Combine(directory.Configuration, "errored.tfstate"), State);

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.False(Directory.Exists(directory.Root));
        Assert.Equal(State, await installation.Get<IBlobStore>().ReadAsync(BlobKey.ErroredState(run.Id), CancellationToken.None));
        Assert.True((await installation.ReadAsync(run.Id)).StateDiverged);
        Assert.Equal(run.Id, (await installation.ReadAsync(run.WorkspaceId)).DivergedRunId);

        // Whoever stores a state after that has seen it.
        await using var db = installation.Open();
        await db.LockAsync(run.WorkspaceId, Someone.Alice, "", Installation.Start, CancellationToken.None);
        var mended = await installation.Get<StateStore>().StoreAsync(
            new StateAnnouncement(run.WorkspaceId, 7, "line", StateDocument.Md5Of(State), Force: false), State, new StateWriter(null, Someone.Alice), CancellationToken.None);
        Assert.Equal(StateOutcome.Done, mended.Outcome);
        Assert.Null((await installation.ReadAsync(run.WorkspaceId)).DivergedRunId);
        Assert.True((await installation.ReadAsync(run.Id)).StateDiverged);
    }

    [Theory, EachDatabase]
    public async Task A_state_that_is_the_workspaces_has_not_diverged_and_what_a_plan_leaves_is_no_state(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var applied = await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        var claim = await installation.ClaimAsync(applied.Id);
        await installation.Get<StateStore>().StoreAsync(
            new StateAnnouncement(applied.WorkspaceId, 7, "line", StateDocument.Md5Of(State), Force: false), State, StateWriter.Of(applied.Id), CancellationToken.None);
        await installation.EndAsync(claim, new PhaseResult(PhaseEnding.Interrupted));
        var planned = await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id);
        foreach (var run in new[] { applied.Id, planned.Id })
        {
            await File.WriteAllBytesAsync(Path.Combine(RunDirectory.Create(installation.Get<DataDirectory>(), run).Configuration, "errored.tfstate"), State);
        }

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Empty(Directory.GetDirectories(installation.Get<DataDirectory>().Runs));
        Assert.False((await installation.ReadAsync(applied.Id)).StateDiverged);
        Assert.False((await installation.ReadAsync(planned.Id)).StateDiverged);
    }

    [Theory, EachDatabase]
    public async Task A_state_behind_a_link_is_not_taken_in(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var run = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        await dead.ClaimAsync(run.Id);
        var directory = RunDirectory.Create(dead.Get<DataDirectory>(), run.Id);
        var elsewhere = Path.Combine(dead.DirectoryPath, "elsewhere");
        await File.WriteAllBytesAsync(elsewhere, State);
        File.CreateSymbolicLink(Path.Combine(directory.Configuration, "errored.tfstate"), elsewhere);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Null(await alive.Get<StateStore>().CurrentAsync(run.WorkspaceId, CancellationToken.None));
        Assert.True(File.Exists(elsewhere));
    }

    [Fact]
    public async Task A_state_in_a_working_directory_that_became_a_link_to_elsewhere_is_not_taken_in()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var run = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync(workspace => workspace.WorkingDirectory = "prod")).Id, request => request with { AutoApply = true });
        await dead.BeginApplyAsync(run.Id);
        var directory = RunDirectory.Create(dead.Get<DataDirectory>(), run.Id);
        var elsewhere = Directory.CreateDirectory(Path.Combine(dead.DirectoryPath, "elsewhere")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(elsewhere, "errored.tfstate"), State);
        Directory.CreateSymbolicLink(Path.Combine(directory.Configuration, "prod"), elsewhere);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Null(await alive.Get<StateStore>().CurrentAsync(run.WorkspaceId, CancellationToken.None));
        Assert.Equal(RunStatus.Errored, (await alive.ReadAsync(run.Id)).Status);
        Assert.True(File.Exists(Path.Combine(elsewhere, "errored.tfstate")));
    }

    [Fact]
    public async Task A_state_in_a_working_directory_that_is_a_link_inside_the_configuration_is_taken_in()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var run = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync(workspace => workspace.WorkingDirectory = "prod")).Id, request => request with { AutoApply = true });
        await dead.ClaimAsync(run.Id);
        var directory = RunDirectory.Create(dead.Get<DataDirectory>(), run.Id);
        Directory.CreateDirectory(Path.Combine(directory.Configuration, "common"));
        await File.WriteAllBytesAsync(Path.Combine(directory.Configuration, "common", "errored.tfstate"), State);
        Directory.CreateSymbolicLink(Path.Combine(directory.Configuration, "prod"), "common");
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(7, (await alive.Get<StateStore>().CurrentAsync(run.WorkspaceId, CancellationToken.None))!.Serial);
    }

    [Fact]
    public async Task A_state_that_is_a_pipe_is_not_waited_for()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var run = await ApplyingAsync(dead);
        var directory = RunDirectory.Create(dead.Get<DataDirectory>(), run.Id);
        using (var pipe = Process.Start("mkfifo", [Path.Combine(directory.Configuration, "errored.tfstate")]))
        {
            await pipe.WaitForExitAsync();
        }
        await using var alive = await AfterCrashAsync(dead);

        await Task.Run(() => alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None)).WaitAsync(Wait.Limit);

        Assert.Equal(RunStatus.Errored, (await alive.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_cannot_be_ended_yet_does_not_keep_others_waiting(DatabaseProvider provider)
    {
        var full = true;
        var disk = new Disk { Touched = _ => { if (full) throw new IOException("No space left on device"); } };
        await using var dead = await Installation.CreateAsync(provider, disk.AddTo);
        var first = await ApplyingAsync(dead);
        var other = await ApplyingAsync(dead);
        var directory = RunDirectory.Create(dead.Get<DataDirectory>(), first.Id);
        await File.WriteAllBytesAsync(Path.Combine(directory.Configuration, "errored.tfstate"), State);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
        Assert.Equal(RunStatus.Applying, (await alive.ReadAsync(first.Id)).Status);
        Assert.Equal(RunStatus.Errored, (await alive.ReadAsync(other.Id)).Status);
        full = false;
        await alive.SilenceAsync(Lease.AmongOthers);
        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.Errored, (await alive.ReadAsync(first.Id)).Status);
        Assert.Equal(7, (await alive.Get<StateStore>().CurrentAsync(first.WorkspaceId, CancellationToken.None))?.Serial);
    }

    [Theory, EachDatabase]
    public async Task The_tokens_of_a_dead_workers_phase_open_nothing_any_more(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var run = await dead.QueueAsync((await dead.ReadyWorkspaceAsync()).Id);
        await dead.ClaimAsync(run.Id);
        var token = await dead.Get<Orchestrator.Access.RunTokens>().IssueAsync(
            run.Id, run.WorkspaceId, mayWriteState: false, TimeSpan.FromHours(3), CancellationToken.None);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Null(await alive.Get<Orchestrator.Access.RunTokens>().FindAsync(token, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Directories_of_runs_that_nobody_works_on_are_removed_and_others_stay(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (data, workspace) = (installation.Get<DataDirectory>(), await installation.ReadyWorkspaceAsync());
        var working = await installation.QueueAsync(workspace.Id);
        await installation.ClaimAsync(working.Id);
        var (kept, left, strange) = (
            RunDirectory.Create(data, working.Id).Root,
            RunDirectory.Create(data, Identifier.New<RunId>()).Root,
            DataDirectory.Create(Path.Combine(data.Runs, "no-run-at-all")));

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.True(Directory.Exists(kept));
        Assert.False(Directory.Exists(left));
        Assert.False(Directory.Exists(strange));
    }

    [Theory, EachDatabase]
    public async Task A_queue_with_nobody_at_its_head_goes_on(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);
        var run = await installation.QueueAsync(workspace.Id);
        // The process ends between giving the lock back and starting the next run.
        await db.UnlockAsync(workspace.Id, Someone.Alice, CancellationToken.None);

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_worker_leaves_a_run_alone_that_it_watches_over(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await using var watching = installation.Get<RunWatches>().Begin(await installation.ClaimAsync(run.Id));
        installation.Clock.Advance(TimeSpan.FromHours(1));

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.Planning, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_a_worker_has_lost_sight_of_is_recovered_by_itself(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.ClaimAsync(run.Id);
        await installation.SilenceAsync(Lease.AmongOthers);
        Assert.Equal(RunStatus.Planning, (await installation.ReadAsync(run.Id)).Status);

        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    [Fact]
    public async Task On_postgresql_another_workers_run_is_left_alone_while_it_gives_signs_of_life()
    {
        await using var worker = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = worker.Beside();
        var run = await worker.QueueAsync((await worker.ReadyWorkspaceAsync()).Id);
        var claim = await worker.ClaimAsync(run.Id);

        for (var beat = 0; beat < 3; beat++)
        {
            await other.SilenceAsync(Lease.AmongOthers - RunRecovery.ClaimInterval);
            await worker.Get<RunClaims>().BeatAsync(claim, CancellationToken.None);
            await other.LookAsync();
        }
        Assert.Equal(RunStatus.Planning, (await worker.ReadAsync(run.Id)).Status);

        await other.SilenceAsync(Lease.AmongOthers);
        await other.LookAsync();
        Assert.Equal(RunStatus.PlanQueued, (await worker.ReadAsync(run.Id)).Status);
    }

    [Fact]
    public async Task On_postgresql_the_living_come_first_when_the_database_was_away()
    {
        var door = new Door();
        await using var worker = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = worker.Beside(door.AddTo);
        var run = await worker.QueueAsync((await worker.ReadyWorkspaceAsync()).Id);
        var claim = await worker.ClaimAsync(run.Id);
        await other.SilenceAsync(Lease.AmongOthers - RunRecovery.ClaimInterval);
        var sight = other.Get<DatabaseSight>();
        Assert.False(sight.Last?.Away);

        door.Lock();
        for (var second = 0; second < 120; second++)
        {
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => other.LookAsync());
            other.Clock.Advance(RunRecovery.ClaimInterval);
        }
        Assert.Equal((true, RunRecovery.ClaimInterval), sight.Last);
        door.Open();
        await other.SilenceAsync(Lease.AmongOthers - RunRecovery.ClaimInterval);
        Assert.NotNull(await worker.Get<RunClaims>().BeatAsync(claim, CancellationToken.None));
        await other.SilenceAsync(Lease.AmongOthers);
        Assert.Equal(RunStatus.Planning, (await worker.ReadAsync(run.Id)).Status);

        await other.LookAsync();
        Assert.Equal(RunStatus.PlanQueued, (await worker.ReadAsync(run.Id)).Status);
    }

    [Theory]
    [InlineData("2020-01-01")]
    [InlineData("2099-01-01")]
    public async Task What_a_workers_clock_shows_neither_kills_its_claim_nor_spares_it(string shown)
    {
        await using var worker = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var other = worker.Beside();
        var run = await worker.QueueAsync((await worker.ReadyWorkspaceAsync()).Id);
        await worker.ClaimAsync(run.Id);
        var instant = DateTimeOffset.Parse(shown, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
        await using (var db = worker.Open())
        {
            await db.Runs.ExecuteUpdateAsync(set => set.SetProperty(row => row.HeartbeatAt, instant));
        }

        await other.SilenceAsync(Lease.AmongOthers);
        Assert.Equal(RunStatus.Planning, (await worker.ReadAsync(run.Id)).Status);
        await other.LookAsync();

        Assert.Equal(RunStatus.PlanQueued, (await worker.ReadAsync(run.Id)).Status);
    }

    [Fact]
    public async Task Who_gets_a_dead_workers_data_directory_takes_its_runs_over_at_once()
    {
        await using var worker = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        var run = await worker.QueueAsync((await worker.ReadyWorkspaceAsync()).Id);
        await worker.ClaimAsync(run.Id);
        await using (var beside = worker.Beside())
        {
            await beside.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
            Assert.Equal(RunStatus.Planning, (await beside.ReadAsync(run.Id)).Status);
        }

        await worker.CrashAsync();
        await using var next = worker.Beside();
        await next.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Equal(RunStatus.PlanQueued, (await next.ReadAsync(run.Id)).Status);
    }

    [Fact]
    public async Task On_postgresql_two_who_recover_at_once_requeue_a_plan_once()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        var run = await dead.QueueAsync((await dead.ReadyWorkspaceAsync()).Id);
        await dead.ClaimAsync(run.Id);
        await using var one = await AfterCrashAsync(dead);
        await using var other = one.Beside();

        await Task.WhenAll(
            Task.Run(() => one.Get<RunRecovery>().RecoverAsync(CancellationToken.None)),
            Task.Run(() => other.Get<RunRecovery>().RecoverAsync(CancellationToken.None)));

        Assert.Equal(RunStatus.PlanQueued, (await one.ReadAsync(run.Id)).Status);
        Assert.Single(one.JobsIn(RunJobs.PlanQueue).Concat(other.JobsIn(RunJobs.PlanQueue)));
    }

    [Theory, EachDatabase]
    public async Task A_run_that_waits_for_long_is_handed_to_the_workers_again_for_its_job_may_be_lost(DatabaseProvider provider)
    {
        await using var dead = await Installation.CreateAsync(provider);
        var planning = await dead.QueueAsync((await dead.ReadyWorkspaceAsync()).Id);
        var applying = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        // Its jobs are not those of the dead.
        await using var alive = await AfterCrashAsync(dead);
        var recovery = alive.Get<RunRecovery>();

        alive.Clock.Advance(RunTurns.PatienceWithAJob);
        await recovery.RecoverAsync(CancellationToken.None);
        await recovery.RecoverAsync(CancellationToken.None);

        Assert.Equal([planning.Id.Value], alive.JobsIn(RunJobs.PlanQueue));
        Assert.Equal([applying.Id.Value], alive.JobsIn(RunJobs.ApplyQueue));
        Assert.Equal(RunPhase.Apply, (await alive.ClaimAsync(applying.Id)).Phase);
        Assert.Equal(RunPhase.Plan, (await alive.ClaimAsync(planning.Id)).Phase);
    }

    [Fact]
    public async Task On_postgresql_two_who_sweep_at_once_hand_a_waiting_run_over_once()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        var run = await dead.QueueAsync((await dead.ReadyWorkspaceAsync()).Id);
        await using var one = await AfterCrashAsync(dead);
        await using var other = one.Beside(sharesJobs: true);
        one.Clock.Advance(RunTurns.PatienceWithAJob);

        await Task.WhenAll(
            Task.Run(() => one.Get<RunRecovery>().RecoverAsync(CancellationToken.None)),
            Task.Run(() => other.Get<RunRecovery>().RecoverAsync(CancellationToken.None)));

        Assert.Equal([run.Id.Value], one.JobsIn(RunJobs.PlanQueue));
    }

    [Fact]
    public async Task On_sqlite_jobs_that_died_with_the_process_are_queued_again_at_start()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var planning = await dead.QueueAsync((await dead.ReadyWorkspaceAsync()).Id);
        var applying = await dead.PlannedAsync((await dead.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().StartAsync(CancellationToken.None);
        await alive.Get<RunRecovery>().StopAsync(CancellationToken.None);

        Assert.Equal([planning.Id.Value], alive.JobsIn(RunJobs.PlanQueue));
        Assert.Equal([applying.Id.Value], alive.JobsIn(RunJobs.ApplyQueue));
    }

    [Fact]
    public async Task What_terraform_has_left_running_is_killed_and_not_waited_for()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.Sqlite, RealTime);
        var run = await ApplyingAsync(dead);
        using var straggler = Start(run.Id, ["sleep", "600"]);
        await using var alive = await AfterCrashAsync(dead);

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None).WaitAsync(Wait.Limit);

        Assert.Equal(RunStatus.Errored, (await alive.ReadAsync(run.Id)).Status);
        Assert.Empty(ProcessTree.Find(run.Id.Value));
    }

    [Fact]
    public async Task Terraform_that_is_still_saving_its_state_is_waited_for()
    {
        await using var dead = await Installation.CreateAsync(DatabaseProvider.Sqlite, RealTime);
        var run = await ApplyingAsync(dead);
        var directory = RunDirectory.Create(dead.Get<DataDirectory>(), run.Id);
        var (state, saved) = (Path.Combine(directory.Root, "state"), Path.Combine(directory.Configuration, "errored.tfstate"));
        await File.WriteAllBytesAsync(state, State);
        using var terraform = Start(run.Id, Guard.Around("/bin/sh", [["-c", $"sleep 1; mv {state} {saved}"]], directory.Working, secondsToSave: 20));
        await terraform.StandardInput.WriteAsync(Guard.GoWord("over"));
        await terraform.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await using var alive = await AfterCrashAsync(dead);
        // Its worker has gone.
        terraform.StandardInput.Close();

        await alive.Get<RunRecovery>().RecoverAsync(CancellationToken.None).WaitAsync(Wait.Limit);

        Assert.Equal(7, (await alive.Get<StateStore>().CurrentAsync(run.WorkspaceId, CancellationToken.None))?.Serial);
    }

    /// <summary>Processes live in real time, and so do the clocks that wait for them.</summary>
    private static void RealTime(IServiceCollection services) => services.AddSingleton(TimeProvider.System);

    private static async Task<Run> ApplyingAsync(Installation installation)
    {
        var run = await installation.PlannedAsync(
            (await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        await installation.BeginApplyAsync(run.Id);
        return run;
    }

    private static Process Start(RunId run, IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true };
        start.Environment[ProcessTree.Marker] = run.Value;
        return Process.Start(start)!;
    }

    private static async Task<Installation> AfterCrashAsync(Installation dead)
    {
        if (dead.Provider == DatabaseProvider.Sqlite)
        {
            await dead.CrashAsync();
            return dead.Beside();
        }
        var alive = dead.Beside();
        await alive.SilenceAsync(Lease.AmongOthers);
        return alive;
    }

    private static async Task<string> LogAsync(Installation installation, RunId run, string phase) =>
        Encoding.UTF8.GetString(await installation.Get<RunLogStore>().ReadAsync(run, phase, 0, 100_000, CancellationToken.None));
}
