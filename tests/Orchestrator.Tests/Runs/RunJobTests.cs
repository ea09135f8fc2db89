using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Data.Blobs;
using Orchestrator.RunLogs;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Runs;

/// <summary>The whole way of a phase, with an engine that misbehaves on request.</summary>
public sealed class RunJobTests
{
    [Theory, EachDatabase]
    public async Task A_run_goes_from_plan_to_apply_and_leaves_nothing_behind(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "");

        await ExecuteAsync(installation, run);
        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        await ConfirmAsync(installation, run);
        Assert.Equal(RunStatus.ApplyQueued, (await installation.ReadAsync(run)).Status);
        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Applied, (await installation.ReadAsync(run)).Status);
        PhaseRecord[] phases = [await installation.PlanOfAsync(run), await installation.ApplyOfAsync(run)];
        Assert.All(phases, phase =>
        {
            Assert.Equal((PhaseStatus.Finished, 1), (phase.Status, phase.Additions));
            Assert.True(phase.WipeReceipt!.IsClean);
            Assert.Contains("log", phase.WipeReceipt.Scanned);
            Assert.Contains(phase.Steps, step => step.Name == "wipe");
        });
        Assert.Contains("Apply complete!", await LogAsync(installation, run, "apply"), StringComparison.Ordinal);
        AssertWiped(installation, run);
    }

    [Theory, EachDatabase]
    public async Task The_job_of_a_plan_that_nobody_has_to_confirm_carries_out_its_apply(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "", autoApply: true);

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Applied, (await installation.ReadAsync(run)).Status);
        Assert.True((await installation.PlanOfAsync(run)).WipeReceipt!.IsClean);
        Assert.True((await installation.ApplyOfAsync(run)).WipeReceipt!.IsClean);
        Assert.True(installation.Get<RunJobs>().AreNoneIn(RunJobs.ApplyQueue));
        AssertWiped(installation, run);
    }

    [Theory, EachDatabase]
    public async Task An_apply_whose_worker_ends_after_the_plan_is_left_to_another_worker(DatabaseProvider provider)
    {
        var disk = new Disk();
        await using var installation = await RealTimeAsync(provider, disk.AddTo);
        var run = await QueueAsync(installation, "", autoApply: true);
        using var ending = new CancellationTokenSource();
        disk.Touched = touch =>
        {
            if (touch.StartsWith("write plans/", StringComparison.Ordinal))
            {
                ending.Cancel();
            }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => installation.Get<RunJob>().ExecuteAsync(run.Value, ending.Token).WaitAsync(Wait.Limit));

        Assert.Equal(RunStatus.ApplyQueued, (await installation.ReadAsync(run)).Status);
        Assert.False(installation.Get<RunJobs>().AreNoneIn(RunJobs.ApplyQueue));
    }

    /// <summary>The outcome is shown where no terminal makes sense of colours.</summary>
    [Fact]
    public async Task A_plan_that_terraform_cannot_show_ends_the_run_and_says_so_in_plain_words()
    {
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite);
        var run = await QueueAsync(installation, "unshowable");

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal((RunStatus.Errored, "Terraform could not show its own plan: Error: Failed to read plan"), (after.Status, after.Outcome));
        AssertWiped(installation, run);
    }

    [Theory, EachDatabase]
    public async Task A_plan_that_fails_ends_the_run_and_says_so(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "fail");

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal((RunStatus.Errored, "Terraform could not make a plan; its own message is in the log."), (after.Status, after.Outcome));
        var log = await LogAsync(installation, run, "plan");
        Assert.Contains("Error: it was asked to fail", log, StringComparison.Ordinal);
        Assert.Contains(after.Outcome!, log, StringComparison.Ordinal);
        AssertWiped(installation, run);
    }

    [Fact]
    public async Task What_is_behind_a_link_in_the_place_of_the_lock_file_is_not_kept_with_the_plan()
    {
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite);
        var elsewhere = Path.Combine(installation.DirectoryPath, "keys-of-the-server");
        await File.WriteAllTextAsync(elsewhere, "a secret");
        var run = await QueueAsync(installation, $"link:.terraform.lock.hcl>{elsewhere}");

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        Assert.Null(await installation.Get<IBlobStore>().ReadAsync(BlobKey.PlanLock(run), CancellationToken.None));
        Assert.True(File.Exists(elsewhere));
    }

    [Fact]
    public async Task A_plan_that_was_replaced_by_a_link_is_not_kept_and_the_run_says_so()
    {
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite);
        var elsewhere = Path.Combine(installation.DirectoryPath, "keys-of-the-server");
        var run = await QueueAsync(installation, $"link:../plan.tfplan>{elsewhere}");

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal(RunStatus.Errored, after.Status);
        Assert.Contains("The plan's file is gone or was replaced while terraform ran", after.Outcome, StringComparison.Ordinal);
        Assert.Null(await installation.Get<IBlobStore>().ReadAsync(BlobKey.PlanFile(run), CancellationToken.None));
    }

    [Fact]
    public async Task A_plan_that_is_replaced_while_it_is_shown_is_kept_as_it_was()
    {
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite);
        var run = await QueueAsync(installation, "swap");

        await ExecuteAsync(installation, run);

        Assert.Equal("a plan"u8.ToArray(), await installation.Get<IBlobStore>().ReadAsync(BlobKey.PlanFile(run), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task An_apply_that_dies_ends_the_run_errored(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "");
        await ExecuteAsync(installation, run);
        await ConfirmAsync(installation, run);
        await MisbehaveAsync(installation, run, "die");

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Errored, (await installation.ReadAsync(run)).Status);
        AssertWiped(installation, run);
    }

    [Theory, EachDatabase]
    public async Task The_state_of_an_apply_that_terraform_could_not_deliver_is_taken_in(DatabaseProvider provider)
    {
        const string state = """{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"line","resources":[]}""";
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "");
        await ExecuteAsync(installation, run);
        await ConfirmAsync(installation, run);
        await MisbehaveAsync(installation, run, $"state:{state}");

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal(RunStatus.Errored, after.Status);
        var current = await installation.Get<StateStore>().CurrentAsync(after.WorkspaceId, CancellationToken.None);
        Assert.Equal((7, run), (current!.Serial, current.RunId));
    }

    [Theory, EachDatabase]
    public async Task A_state_that_cannot_be_the_workspaces_is_kept_beside_it(DatabaseProvider provider)
    {
        const string state = """{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"line","resources":[]}""";
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "");
        var (states, workspace) = (installation.Get<StateStore>(), (await installation.ReadAsync(run)).WorkspaceId);
        var current = Encoding.UTF8.GetBytes(state.Replace("\"line\"", "\"another\"", StringComparison.Ordinal));
        await states.StoreAsync(
            new StateAnnouncement(workspace, 7, "another", StateDocument.Md5Of(current), Force: false), current,
            StateWriter.Of(run), CancellationToken.None);
        await ExecuteAsync(installation, run);
        await ConfirmAsync(installation, run);
        await MisbehaveAsync(installation, run, $"state:{state}");

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal(RunStatus.Errored, after.Status);
        Assert.Contains("A copy is kept", after.Outcome, StringComparison.Ordinal);
        Assert.True(after.StateDiverged);
        Assert.Equal(run, (await installation.ReadAsync(workspace)).DivergedRunId);
        Assert.Equal("another", (await states.CurrentAsync(workspace, CancellationToken.None))!.Lineage);
        var kept = await installation.Get<IBlobStore>().ReadAsync(BlobKey.ErroredState(run), CancellationToken.None);
        Assert.Equal(state, Encoding.UTF8.GetString(kept!));
    }

    [Fact]
    public async Task An_errored_state_that_was_uploaded_with_the_configuration_is_nobodys_state()
    {
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite);
        var run = await QueueAsync(installation, "", autoApply: true, upload: new Archive().File("main.tf").File(
            "errored.tfstate", """{"version":4,"terraform_version":"1.11.4","serial":99,"lineage":"somebody's","resources":[]}"""));
        await ExecuteAsync(installation, run);
        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal((RunStatus.Applied, false), (after.Status, after.StateDiverged));
        Assert.Null(await installation.Get<StateStore>().CurrentAsync(after.WorkspaceId, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_state_that_terraform_could_not_deliver_waits_until_there_is_room_for_it(DatabaseProvider provider)
    {
        const string state = """{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"line","resources":[]}""";
        var disk = new Disk();
        await using var installation = await RealTimeAsync(provider, disk.AddTo);
        var run = await QueueAsync(installation, "");
        await ExecuteAsync(installation, run);
        await ConfirmAsync(installation, run);
        await MisbehaveAsync(installation, run, $"state:{state}");
        disk.Touched = touch =>
        {
            if (touch.StartsWith("write states/", StringComparison.Ordinal))
            {
                // Next time there is.
                disk.Touched = _ => { };
                throw new IOException("No space left on device");
            }
        };

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal(RunStatus.Errored, after.Status);
        Assert.DoesNotContain("A copy is kept", after.Outcome, StringComparison.Ordinal);
        Assert.Equal(7, (await installation.Get<StateStore>().CurrentAsync(after.WorkspaceId, CancellationToken.None))?.Serial);
        Assert.Contains(installation.Logs.Warnings, warning => warning.Contains("No space left on device", StringComparison.Ordinal));
    }

    [Theory]
    [EachDatabase("read configurations/", RunStatus.PlanQueued)]
    [EachDatabase("read plans-json/", RunStatus.Planned)]
    public async Task A_plan_is_queued_again_or_ends_as_what_it_is_when_the_database_is_back(DatabaseProvider provider, string lockedAt, RunStatus expected)
    {
        var (disk, door) = (new Disk(), new Door());
        await using var installation = await RealTimeAsync(provider, services =>
        {
            disk.AddTo(services);
            door.AddTo(services);
        });
        var run = await QueueAsync(installation, "");
        disk.Touched = touch =>
        {
            if (touch.StartsWith(lockedAt, StringComparison.Ordinal))
            {
                door.Lock();
            }
        };

        var executing = ExecuteAsync(installation, run);
        await Wait.UntilAsync(() => executing.IsCompleted || installation.Logs.Warnings.Any(
            warning => warning.Contains("could not be brought to its end", StringComparison.Ordinal)));
        disk.Touched = _ => { };
        door.Open();
        await executing;

        var after = await installation.ReadAsync(run);
        Assert.Equal(expected, after.Status);
        Assert.Equal(
            expected == RunStatus.PlanQueued ? "The platform's database could not be used (SQLite Error 5: 'database is locked'.). Nothing was changed." : null,
            after.Outcome);
        Assert.Contains(after.Outcome ?? "Plan: 1 to add", await LogAsync(installation, run, "plan"), StringComparison.Ordinal);
        Assert.Equal(expected == RunStatus.Planned, (await installation.PlanOfAsync(run)).WipeReceipt?.IsClean ?? false);
        Assert.Empty(Directory.GetFileSystemEntries(installation.Get<DataDirectory>().Runs));
    }

    [Theory, EachDatabase]
    public async Task A_process_that_terraform_leaves_behind_does_not_survive_the_phase(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "daemon");

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        AssertWiped(installation, run);
    }

    [Theory, EachDatabase]
    public async Task A_sensitive_variable_does_not_reach_the_stored_log(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "dribble:PASSPHRASE", secret: "correct horse battery staple");

        await ExecuteAsync(installation, run);

        var log = await LogAsync(installation, run, "plan");
        Assert.Contains("before *** after", log, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", log, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Canceling_asks_terraform_and_force_canceling_does_not_wait_for_it(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "hang");
        var executing = ExecuteAsync(installation, run);
        await Wait.UntilAsync(async () => (await LogAsync(installation, run, "plan")).Contains("hanging", StringComparison.Ordinal));
        var actions = installation.Get<RunActions>();

        Assert.True((await actions.CancelAsync(run, Someone.Bob, null, CancellationToken.None)).IsDone);
        Assert.True((await actions.ForceCancelAsync(run, Someone.Bob, null, CancellationToken.None)).IsDone);
        await executing;

        var after = await installation.ReadAsync(run);
        Assert.Equal(RunStatus.Canceled, after.Status);
        Assert.Contains("force-canceled", after.Outcome, StringComparison.Ordinal);
        AssertWiped(installation, run);
    }

    [Theory, EachDatabase]
    public async Task A_worker_that_lost_its_run_writes_nothing_of_it_and_leaves_nothing_of_it(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var run = await QueueAsync(installation, "hang");
        var executing = ExecuteAsync(installation, run);
        await Wait.UntilAsync(async () => (await LogAsync(installation, run, "plan")).Contains("hanging", StringComparison.Ordinal));
        var claims = installation.Get<RunClaims>();

        // Another worker ends what it takes for abandoned, and a third one starts the plan again.
        var other = await claims.TakeOverAsync(SeenClaim.Of(await installation.ReadAsync(run)), CancellationToken.None);
        await installation.Get<RunTokens>().RevokeAsync(run, CancellationToken.None);
        await installation.EndAsync(other!, new PhaseResult(PhaseEnding.Interrupted));
        var turns = new RunTurns(
            installation.Get<ServedPools>(), new RunsAtHand(), installation.Get<IOptions<RunLimits>>(), installation.Get<RunJobs>(), TimeProvider.System);
        var third = await new RunClaims(
            installation.Databases, turns, new WorkerIdentity("third"), installation.Get<INeighbours>(), installation.Get<IAnnouncements>(), TimeProvider.System)
            .ClaimAsync(run, CancellationToken.None);
        var token = await installation.Get<RunTokens>().IssueAsync(run, other!.Workspace.Id, mayWriteState: false, TimeSpan.FromHours(1), CancellationToken.None);
        var log = await LogAsync(installation, run, "plan");
        await installation.Get<IAnnouncements>().AnnounceAsync(Topic.Run(run), CancellationToken.None);
        await executing;

        var after = await installation.ReadAsync(run);
        Assert.Equal((RunStatus.Planning, "third"), (after.Status, after.ClaimedBy));
        Assert.Equal(log, await LogAsync(installation, run, "plan"));
        Assert.NotNull(await installation.Get<RunTokens>().FindAsync(token, CancellationToken.None));
        Assert.NotNull(await claims.BeatAsync(third!, CancellationToken.None));
        Assert.Empty(ProcessTree.Find(run.Value));
        Assert.Empty(Directory.GetFileSystemEntries(installation.Get<DataDirectory>().Runs));
        Assert.Contains(installation.Logs.Warnings, warning => warning.Contains("was taken over in its plan by another process", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_apply_that_had_to_be_killed_is_not_said_to_have_saved_its_state()
    {
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite, services => services.Configure<RunLimits>(limits =>
            (limits.ApplyTimeout, limits.TimeToSave) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)));
        var run = await QueueAsync(installation, "");
        await ExecuteAsync(installation, run);
        await ConfirmAsync(installation, run);
        await MisbehaveAsync(installation, run, "hang");

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal(RunStatus.Errored, after.Status);
        Assert.Contains("The apply took longer than it may", after.Outcome, StringComparison.Ordinal);
        Assert.Contains("was killed: what it had not recorded until then is not in the state.", after.Outcome, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_configuration_that_is_gone_ends_the_run_before_terraform_starts(DatabaseProvider provider)
    {
        await using var installation = await RealTimeAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = (await installation.QueueAsync(workspace.Id)).Id;

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.Equal(RunStatus.Errored, after.Status);
        Assert.Contains("Upload the configuration again", after.Outcome, StringComparison.Ordinal);
        AssertWiped(installation, run);
    }

    [Fact]
    public async Task A_phase_asks_for_nothing_before_the_api_answers_and_says_what_it_waits_for()
    {
        var api = new Api { Away = 1 };
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite, services => services.AddSingleton<IStateApi>(api));
        var run = await QueueAsync(installation, "");

        await ExecuteAsync(installation, run);
        await ConfirmAsync(installation, run);
        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Applied, (await installation.ReadAsync(run)).Status);
        Assert.Equal(["wait", "prepare"], (await installation.PlanOfAsync(run)).Steps.Take(2).Select(step => step.Name));
        Assert.Equal("prepare", (await installation.ApplyOfAsync(run)).Steps[0].Name);
        Assert.StartsWith("Waiting for the platform's API at http://127.0.0.1:1, which does not answer.\n", await LogAsync(installation, run, "plan"), StringComparison.Ordinal);
        Assert.DoesNotContain("Waiting for", await LogAsync(installation, run, "apply"), StringComparison.Ordinal);
        // Twice for the plan, once for the apply.
        Assert.Equal(3, api.Asked);
    }

    [Fact]
    public async Task A_phase_that_waits_for_the_api_can_be_canceled_and_does_not_wait_for_ever()
    {
        var api = new Api { Away = int.MaxValue };
        await using (var installation = await RealTimeAsync(DatabaseProvider.Sqlite, services => services.AddSingleton<IStateApi>(api)))
        {
            var run = await QueueAsync(installation, "");
            var executing = ExecuteAsync(installation, run);
            await Wait.UntilAsync(() => api.Asked > 0);
            await installation.Get<RunActions>().CancelAsync(run, Someone.Bob, null, CancellationToken.None);
            await executing;

            Assert.Equal(RunStatus.Canceled, (await installation.ReadAsync(run)).Status);
            AssertWiped(installation, run);
        }
        await using var alone = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var clock = new ImpatientClock();
        var claim = await alone.ClaimAsync((await alone.QueueAsync((await alone.ReadyWorkspaceAsync()).Id)).Id);
        await using var watching = alone.Get<RunWatches>().Begin(claim);
        await using var log = await alone.Get<RunLogStore>().OpenAsync(claim.Run.Id, claim.PhaseName, claim.Run.ClaimedBy!, CancellationToken.None);

        await new ApiWait(api, clock).ForAnswerAsync(new PhaseScope(claim, watching.Watch, log, clock)).WaitAsync(Wait.Limit);

        Assert.InRange(clock.GetUtcNow() - Installation.Start, ApiWait.Patience, ApiWait.Patience + TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("", RunStatus.Applied)]
    // It has begun all the same, and must not do it twice.
    [InlineData("""{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"line","resources":[]}""", RunStatus.Errored)]
    public async Task A_command_that_the_api_has_turned_away_is_run_again_unless_it_has_done_something(string left, RunStatus expected)
    {
        await using var installation = await RealTimeAsync(DatabaseProvider.Sqlite);
        var run = await QueueAsync(installation, "");
        await ExecuteAsync(installation, run);
        await ConfirmAsync(installation, run);
        await MisbehaveAsync(installation, run, $"refuse:{left}");

        await ExecuteAsync(installation, run);

        Assert.Equal(expected, (await installation.ReadAsync(run)).Status);
        Assert.Contains("at host orchestrator.internal", await LogAsync(installation, run, "apply"), StringComparison.Ordinal);
    }

    /// <summary>Processes live in real time, and so do the clocks that wait for them.</summary>
    private static Task<Installation> RealTimeAsync(
        DatabaseProvider provider, Action<IServiceCollection>? configure = null) => Installation.CreateAsync(provider, services =>
    {
        configure?.Invoke(services);
        services.AddSingleton(TimeProvider.System);
        services.Configure<RunLimits>(limits => limits.ForceCancelAfter = TimeSpan.Zero);
    });

    private static async Task<RunId> QueueAsync(Installation installation, string misbehaviour, bool autoApply = false, string? secret = null, Archive? upload = null)
    {
        var workspace = await installation.WorkspaceAsync(row => row.AutoApply = autoApply);
        await installation.VariableAsync(workspace.Id, "FAKE_TERRAFORM", misbehaviour, VariableCategory.Env);
        if (secret is not null)
        {
            await installation.VariableAsync(workspace.Id, "PASSPHRASE", secret, VariableCategory.Env, sensitive: true);
        }
        var configuration = await installation.ConfigurationAsync(workspace.Id, status: ConfigurationVersionStatus.Pending);
        await installation.Get<ConfigurationStore>().UploadAsync(configuration.Id, (upload ?? new Archive().File("main.tf")).Pack(), CancellationToken.None);
        return (await installation.QueueAsync(workspace.Id)).Id;
    }

    /// <summary>From now on: the variables of a run are frozen, so they are frozen anew.</summary>
    private static async Task MisbehaveAsync(Installation installation, RunId run, string misbehaviour)
    {
        var workspace = (await installation.ReadAsync(run)).WorkspaceId;
        var (variables, _) = await installation.Get<RunVariables>().FreezeAsync(
            run, workspace, [new PlainVariable("FAKE_TERRAFORM", VariableCategory.Env, misbehaviour, Hcl: false, Sensitive: false)], mayHaveSecrets: true, CancellationToken.None);
        await using var db = installation.Open();
        await db.Runs.Where(row => row.Id == run).ExecuteUpdateAsync(set => set.SetProperty(row => row.ProtectedVariables, variables!.All));
    }

    private static async Task ConfirmAsync(Installation installation, RunId run) => Assert.Null((await installation.Get<RunActions>().ConfirmAsync(
        run, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None)).Refusal);

    private static Task ExecuteAsync(Installation installation, RunId run) =>
        installation.Get<RunJob>().ExecuteAsync(run.Value, CancellationToken.None).WaitAsync(Wait.Limit);

    private static void AssertWiped(Installation installation, RunId run)
    {
        Assert.Empty(ProcessTree.Find(run.Value));
        Assert.Empty(Directory.GetFileSystemEntries(installation.Get<DataDirectory>().Runs));
        Assert.Empty(installation.Logs.Warnings);
    }

    private sealed class Api : IStateApi
    {
        private int _asked;

        /// <summary>So many times it does not answer.</summary>
        public int Away { get; init; }

        public int Asked => Volatile.Read(ref _asked);

        public Uri Address => new("http://127.0.0.1:1/api/v2/");

        public IReadOnlyList<string> Hosts => [];

        public Task<bool> AnswersAsync(CancellationToken cancellationToken) => Task.FromResult(Interlocked.Increment(ref _asked) > Away);
    }

    private static async Task<string> LogAsync(Installation installation, RunId run, string phase) =>
        Encoding.UTF8.GetString(await installation.Get<RunLogStore>().ReadAsync(run, phase, 0, 1_000_000, CancellationToken.None));
}
