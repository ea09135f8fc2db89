using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class RunWatchTests
{
    private static readonly RunLimits Limits = new();
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(3);

    [Theory, EachDatabase]
    public async Task Canceling_a_run_interrupts_its_terraform(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await WorkingAsync(installation);
        await using var watching = installation.Get<RunWatches>().Begin(run);

        await installation.Get<RunActions>().CancelAsync(run.Run.Id, Someone.Bob, null, CancellationToken.None);

        await UntilAsync(watching.Watch.Stop);
        Assert.Equal(StopReason.Canceled, watching.Watch.Reason);
        Assert.False(watching.Watch.Kill.IsCancellationRequested);
    }

    [Theory, EachDatabase]
    public async Task What_happens_to_a_run_between_two_signs_of_life_is_looked_at_without_one(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await WorkingAsync(installation);
        await using var watching = installation.Get<RunWatches>().Begin(run);
        installation.Clock.Advance(TimeSpan.FromSeconds(2));

        await installation.Get<RunActions>().CancelAsync(run.Run.Id, Someone.Bob, null, CancellationToken.None);

        await UntilAsync(watching.Watch.Stop);
        Assert.Equal(run.Run.HeartbeatAt, (await installation.ReadAsync(run.Run.Id)).HeartbeatAt);
    }

    [Theory, EachDatabase]
    public async Task Signs_of_life_are_given_also_when_it_is_certain_what_became_of_the_phase(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await WorkingAsync(installation);
        await using var watching = installation.Get<RunWatches>().Begin(run);

        watching.Watch.Settle();
        await installation.Get<IAnnouncements>().AnnounceAsync(Topic.Run(run.Run.Id), CancellationToken.None);

        await Wait.UntilAsync(async () =>
        {
            installation.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await installation.ReadAsync(run.Run.Id)).HeartbeatAt > run.Run.HeartbeatAt;
        });
        Assert.True(watching.Watch.IsHeld);
    }

    [Theory, EachDatabase]
    public async Task What_happened_to_a_run_before_anybody_watched_is_seen_with_the_next_sign_of_life(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await WorkingAsync(installation);
        await installation.Get<RunActions>().CancelAsync(run.Run.Id, Someone.Bob, null, CancellationToken.None);
        await using var watching = installation.Get<RunWatches>().Begin(run);

        installation.Clock.Advance(Beat);

        await UntilAsync(watching.Watch.Stop);
        Assert.Equal(StopReason.Canceled, watching.Watch.Reason);
    }

    [Fact]
    public async Task Force_canceling_kills_it()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var run = await WorkingAsync(installation);
        await using var watching = installation.Get<RunWatches>().Begin(run);
        await installation.Get<RunActions>().CancelAsync(run.Run.Id, Someone.Bob, null, CancellationToken.None);
        await UntilAsync(watching.Watch.Stop);
        installation.Clock.Advance(Limits.ForceCancelAfter);

        await installation.Get<RunActions>().ForceCancelAsync(run.Run.Id, Someone.Bob, null, CancellationToken.None);

        await UntilAsync(watching.Watch.Kill);
        Assert.Equal(StopReason.Canceled, watching.Watch.Reason);
    }

    [Fact]
    public async Task A_phase_that_takes_too_long_is_interrupted_and_then_killed()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        await using var watching = installation.Get<RunWatches>().Begin(await WorkingAsync(installation));

        installation.Clock.Advance(Limits.PlanTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(watching.Watch.Stop.IsCancellationRequested);
        installation.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(watching.Watch.Stop.IsCancellationRequested);
        Assert.False(watching.Watch.Kill.IsCancellationRequested);
        installation.Clock.Advance(Limits.TimeToSave);

        Assert.True(watching.Watch.Kill.IsCancellationRequested);
        Assert.Equal(StopReason.TimedOut, watching.Watch.Reason);
    }

    [Theory, EachDatabase]
    public async Task A_worker_that_lost_its_claim_kills_what_it_does(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var claim = await WorkingAsync(installation);
        await using var watching = installation.Get<RunWatches>().Begin(claim);

        await installation.Get<RunClaims>().TakeOverAsync(
            SeenClaim.Of(await installation.ReadAsync(claim.Run.Id)), CancellationToken.None);
        await installation.Get<IAnnouncements>().AnnounceAsync(Topic.Run(claim.Run.Id), CancellationToken.None);

        // The watch may have been in the middle of a sign of life; then the next one tells.
        await Wait.UntilAsync(async () =>
        {
            await installation.Get<IAnnouncements>().AnnounceAsync(Topic.Run(claim.Run.Id), CancellationToken.None);
            return watching.Watch.Kill.IsCancellationRequested;
        });
        Assert.Equal(StopReason.ClaimLost, watching.Watch.Reason);
        Assert.False(watching.Watch.IsHeld);
    }

    [Fact]
    public async Task A_worker_that_is_cut_off_stops_what_it_does_before_another_may_take_it_over()
    {
        var door = new Door();
        await using var installation = await Installation.CreateAsync(DatabaseProvider.PostgreSql, door.AddTo);
        var claim = await WorkingAsync(installation);
        door.Lock();
        await using var watching = installation.Get<RunWatches>().Begin(claim);

        installation.Clock.Advance(Lease.AmongOthers - Lease.TimeToSave - TimeSpan.FromMilliseconds(1));
        Assert.False(watching.Watch.Stop.IsCancellationRequested);
        installation.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(watching.Watch.Stop.IsCancellationRequested);
        Assert.Equal(StopReason.LeaseLost, watching.Watch.Reason);
        Assert.False(watching.Watch.Kill.IsCancellationRequested);
        installation.Clock.Advance(Lease.TimeToSave - Lease.TimeToDie);

        Assert.True(watching.Watch.Kill.IsCancellationRequested);
        Assert.True(claim.Lease.Holds);
        Assert.False(watching.Watch.IsHeld);
    }

    [Fact]
    public async Task A_worker_that_was_frozen_kills_what_it_does_as_soon_as_it_is_not()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var watching = installation.Get<RunWatches>().Begin(await WorkingAsync(installation));

        installation.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(watching.Watch.Kill.IsCancellationRequested);
        Assert.Equal(StopReason.LeaseLost, watching.Watch.Reason);
    }

    [Fact]
    public async Task With_the_database_away_for_everybody_a_long_apply_goes_on()
    {
        var (door, witness) = (new Door(), new Witness());
        await using var installation = await Installation.CreateAsync(DatabaseProvider.PostgreSql, services =>
        {
            door.AddTo(services);
            services.AddSingleton<IWitness>(witness);
        });
        var claim = await WorkingAsync(installation);
        door.Lock();
        witness.SawAway = TimeSpan.FromSeconds(0.5);
        await using var watching = installation.Get<RunWatches>().Begin(claim);
        installation.Clock.Advance(Beat);

        for (var time = 1; time <= 30; time++)
        {
            await Wait.UntilAsync(() => witness.Asked == time);
            installation.Clock.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.Equal(StopReason.None, watching.Watch.Reason);
        Assert.True(watching.Watch.IsHeld);

        // It is back for the others.
        witness.SawAway = null;
        await Wait.UntilAsync(() => witness.Asked == 31);
        installation.Clock.Advance(Lease.AmongOthers - Lease.TimeToSave);
        Assert.Equal(StopReason.LeaseLost, watching.Watch.Reason);
    }

    [Theory, EachDatabase]
    public async Task A_worker_that_was_cut_off_for_a_moment_goes_on(DatabaseProvider provider)
    {
        var (door, witness) = (new Door(), new Witness());
        await using var installation = await Installation.CreateAsync(provider, services =>
        {
            door.AddTo(services);
            services.AddSingleton<IWitness>(witness);
        });
        var claim = await WorkingAsync(installation);
        door.Lock();
        await using var watching = installation.Get<RunWatches>().Begin(claim);
        installation.Clock.Advance(Beat);
        for (var second = 1; provider == DatabaseProvider.PostgreSql && second <= 2; second++)
        {
            await Wait.UntilAsync(() => witness.Asked == second);
            installation.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await Wait.UntilAsync(() => witness.Asked == (provider == DatabaseProvider.PostgreSql ? 3 : 0));

        door.Open();
        var before = (await installation.ReadAsync(claim.Run.Id)).HeartbeatAt;
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(async () =>
        {
            // Without a lease, nobody can tell that a sign of life was tried in vain.
            installation.Clock.Advance(provider == DatabaseProvider.Sqlite ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
            return (await installation.ReadAsync(claim.Run.Id)).HeartbeatAt > before;
        });

        Assert.Equal(StopReason.None, watching.Watch.Reason);
    }

    [Theory, EachDatabase]
    public async Task A_worker_that_shuts_down_interrupts_its_phases_and_waits_for_their_ends(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var watches = installation.Get<RunWatches>();
        var watching = watches.Begin(await WorkingAsync(installation));

        var stopping = watches.StoppingAsync(CancellationToken.None);
        Assert.Equal(StopReason.ShuttingDown, watching.Watch.Reason);
        Assert.True(watching.Watch.Stop.IsCancellationRequested);
        Assert.False(stopping.IsCompleted);
        await watching.DisposeAsync();

        await stopping.WaitAsync(Wait.Limit);
    }

    [Theory, EachDatabase]
    public async Task A_phase_that_starts_while_the_worker_shuts_down_is_interrupted_at_once(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var watches = installation.Get<RunWatches>();
        await watches.StoppingAsync(CancellationToken.None);

        await using var watching = watches.Begin(await WorkingAsync(installation));

        Assert.Equal(StopReason.ShuttingDown, watching.Watch.Reason);
    }

    [Fact]
    public async Task A_worker_that_drains_hands_its_plans_back_and_goes_on_with_its_applies_for_a_while()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var watches = installation.Get<RunWatches>();
        await using var plan = watches.Begin(await WorkingAsync(installation));
        await using var apply = watches.Begin(await ApplyingAsync(installation));
        var claim = await ApplyingAsync(installation);
        watches.AllowDraining();

        var stopping = watches.StoppingAsync(CancellationToken.None);
        await using var late = watches.Begin(claim);
        var drain = installation.Get<IOptions<WorkerOptions>>().Value.TimeToDrain;
        installation.Clock.Advance(drain - TimeSpan.FromMilliseconds(1));
        Assert.Equal(
            (StopReason.ShuttingDown, StopReason.None, StopReason.None), (plan.Watch.Reason, apply.Watch.Reason, late.Watch.Reason));
        Assert.Equal(TimeSpan.FromMinutes(4), drain);
        installation.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await Wait.UntilAsync(() => (apply.Watch.Reason, late.Watch.Reason) == (StopReason.ShuttingDown, StopReason.ShuttingDown));
        Assert.False(stopping.IsCompleted);
    }

    [Fact]
    public async Task A_worker_that_is_just_taking_an_apply_when_it_is_told_to_end_carries_it_out()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var watches = installation.Get<RunWatches>();
        var claim = await ApplyingAsync(installation);
        watches.AllowDraining();
        var arrival = watches.Arrive();

        var stopping = watches.StoppingAsync(CancellationToken.None);
        Assert.Throws<OperationCanceledException>(watches.Arrive);
        var watching = watches.Begin(claim);
        arrival.Dispose();

        Assert.False(stopping.IsCompleted);
        Assert.Equal(StopReason.None, watching.Watch.Reason);
        await watching.DisposeAsync();
        await stopping.WaitAsync(Wait.Limit);
    }

    [Fact]
    public async Task A_worker_that_is_about_to_end_takes_nothing_any_more()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.Get<RunWatches>().StoppingAsync(CancellationToken.None);

        // Which gives the job back to the queue.
        await Assert.ThrowsAsync<OperationCanceledException>(() => installation.Get<RunJob>().ExecuteAsync(run.Id.Value, CancellationToken.None));

        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    [Fact]
    public async Task A_claim_that_was_made_is_not_lost_when_its_worker_is_told_to_end()
    {
        using var herald = new Herald();
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite, services => services.AddSingleton<IAnnouncements>(herald));
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        herald.TellsToEnd = true;

        Assert.NotNull(await installation.Get<RunClaims>().ClaimAsync(run.Id, herald.Told));
    }

    [Fact]
    public async Task A_worker_whose_applies_are_done_drains_no_longer()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var watches = installation.Get<RunWatches>();
        var apply = watches.Begin(await ApplyingAsync(installation));
        watches.AllowDraining();
        var stopping = watches.StoppingAsync(CancellationToken.None);

        await apply.DisposeAsync();

        await stopping.WaitAsync(Wait.Limit);
        Assert.Equal(StopReason.None, apply.Watch.Reason);
    }

    [Fact]
    public async Task A_worker_that_drains_interrupts_its_applies_when_somebody_is_in_a_hurry()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var watches = installation.Get<RunWatches>();
        await using var apply = watches.Begin(await ApplyingAsync(installation));
        watches.AllowDraining();
        _ = watches.StoppingAsync(CancellationToken.None);
        Assert.Equal(StopReason.None, apply.Watch.Reason);

        watches.Hurry();

        await UntilAsync(apply.Watch.Stop);
        Assert.Equal(StopReason.ShuttingDown, apply.Watch.Reason);
    }

    [Theory, EachDatabase]
    public async Task The_first_reason_to_stop_is_the_one_that_is_told(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await using var watching = installation.Get<RunWatches>().Begin(await WorkingAsync(installation));

        watching.Watch.Interrupt(StopReason.LogBroken);
        watching.Watch.Interrupt(StopReason.ShuttingDown);

        Assert.Equal(StopReason.LogBroken, watching.Watch.Reason);
    }

    private static async Task<RunClaim> WorkingAsync(Installation installation) =>
        await installation.ClaimAsync((await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id)).Id);

    private static async Task<RunClaim> ApplyingAsync(Installation installation) =>
        await installation.ClaimAsync((await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true })).Id);

    /// <summary>At what is announced, the worker is told to end.</summary>
    private sealed class Herald : IAnnouncements, IDisposable
    {
        private readonly CancellationTokenSource _told = new();

        public bool TellsToEnd { get; set; }

        public CancellationToken Told => _told.Token;

        public ValueTask AnnounceAsync(Topic topic, CancellationToken cancellationToken)
        {
            if (TellsToEnd)
            {
                _told.Cancel();
            }
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.CompletedTask;
        }

        public ISubscription Subscribe(Topic topic) => throw new NotSupportedException();

        public void Dispose() => _told.Dispose();
    }

    private sealed class Witness : IWitness
    {
        private int _asked;

        public TimeSpan? SawAway { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public Task<TimeSpan?> SawDatabaseAwayAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromResult(SawAway);
        }
    }

    private static Task UntilAsync(CancellationToken signal) => Wait.UntilAsync(() => signal.IsCancellationRequested);
}
