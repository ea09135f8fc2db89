using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class RunWatchTests
{
    private static readonly RunLimits Limits = new();

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
    public async Task Force_canceling_kills_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await WorkingAsync(installation);
        await using var watching = installation.Get<RunWatches>().Begin(run);
        await installation.Get<RunActions>().CancelAsync(run.Run.Id, Someone.Bob, null, CancellationToken.None);
        await UntilAsync(watching.Watch.Stop);
        installation.Clock.Advance(Limits.ForceCancelAfter);

        await installation.Get<RunActions>().ForceCancelAsync(run.Run.Id, Someone.Bob, null, CancellationToken.None);

        await UntilAsync(watching.Watch.Kill);
        Assert.Equal(StopReason.Canceled, watching.Watch.Reason);
    }

    [Theory, EachDatabase]
    public async Task A_phase_that_takes_too_long_is_interrupted_and_then_killed(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
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

        await installation.Get<RunClaims>().TakeOverAsync(await installation.ReadAsync(claim.Run.Id), CancellationToken.None);
        await installation.Get<IAnnouncements>().AnnounceAsync(Topic.Run(claim.Run.Id), CancellationToken.None);

        // The watch may have been in the middle of a sign of life; then the next one tells.
        await Wait.UntilAsync(async () =>
        {
            await installation.Get<IAnnouncements>().AnnounceAsync(Topic.Run(claim.Run.Id), CancellationToken.None);
            return watching.Watch.Kill.IsCancellationRequested;
        });
        Assert.Equal(StopReason.ClaimLost, watching.Watch.Reason);
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

    private static Task UntilAsync(CancellationToken signal) => Wait.UntilAsync(() => signal.IsCancellationRequested);
}
