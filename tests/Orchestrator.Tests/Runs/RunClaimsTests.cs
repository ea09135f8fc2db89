using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class RunClaimsTests
{
    [Theory, EachDatabase]
    public async Task A_claim_says_whose_run_it_is_and_which_phase_is_next(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.QueueAsync(workspace.Id);

        var plan = await installation.ClaimAsync(run.Id);

        Assert.Equal((RunPhase.Plan, RunStatus.Planning, 1), (plan.Phase, plan.Run.Status, plan.Run.PlanAttempts));
        Assert.Equal((workspace.Id, workspace.OrganizationId, workspace.ProjectId), (plan.Workspace.Id, plan.Organization.Id, plan.Project.Id));
        Assert.Equal(installation.Get<WorkerIdentity>().Name, plan.Run.ClaimedBy);
        Assert.Equal(PhaseStatus.Running, (await installation.PlanOfAsync(run.Id)).Status);
        Assert.Equal(
            $"organization:{plan.Organization.Name}:project:Default Project:workspace:{workspace.Name}:run_phase:plan", plan.Identity.Subject);
    }

    [Theory, EachDatabase]
    public async Task A_confirmed_run_is_claimed_for_its_apply(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });

        var apply = await installation.ClaimAsync(run.Id);

        Assert.Equal((RunPhase.Apply, RunStatus.Applying, 1), (apply.Phase, apply.Run.Status, apply.Run.PlanAttempts));
        Assert.Equal(PhaseStatus.Running, (await installation.ApplyOfAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task Of_many_workers_who_claim_a_run_at_once_one_has_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() =>
            Worker(installation, $"worker {number}").ClaimAsync(run.Id, CancellationToken.None))));

        var claim = Assert.Single(claims, claim => claim is not null);
        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((claim!.Run.ClaimedBy, 1), (after.ClaimedBy, after.PlanAttempts));
        Assert.Single(await installation.HistoryAsync(run.Id), entry => entry.Action == "planning");
    }

    [Theory, EachDatabase]
    public async Task A_job_that_is_delivered_twice_finds_nothing_to_do(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.ClaimAsync(run.Id);

        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(run.Id, CancellationToken.None));
        Assert.Null(await installation.Get<RunClaims>().ClaimAsync(Identifier.New<RunId>(), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_sign_of_life_is_written_down_and_brings_the_newest_row_back(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var claim = await installation.ClaimAsync(run.Id);
        await installation.Get<RunActions>().CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None);
        installation.Clock.Advance(TimeSpan.FromSeconds(3));

        var seen = await installation.Get<RunClaims>().BeatAsync(claim, CancellationToken.None);

        Assert.NotNull(seen?.CancelRequestedAt);
        Assert.Equal(installation.Clock.GetUtcNow(), seen.HeartbeatAt);
    }

    [Theory, EachDatabase]
    public async Task A_worker_learns_that_its_claim_is_lost(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var claim = await installation.ClaimAsync(run.Id);

        var seen = SeenClaim.Of(await installation.ReadAsync(run.Id));
        var other = await Worker(installation, "another").TakeOverAsync(seen, CancellationToken.None);
        Assert.Null(await installation.Get<RunClaims>().BeatAsync(claim, CancellationToken.None));
        Assert.Null(await installation.Get<RunClaims>().TakeOverAsync(seen, CancellationToken.None));
        await installation.EndAsync(other!, new PhaseResult(PhaseEnding.Failed));
        Assert.Null(await installation.Get<RunClaims>().BeatAsync(other!, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_worker_that_lost_its_claim_records_nothing_over_the_new_ones_work(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var silent = await Worker(installation, "silent").ClaimAsync(run.Id, CancellationToken.None);
        await installation.EndAsync(silent!, new PhaseResult(PhaseEnding.Interrupted));
        var second = await installation.ClaimAsync(run.Id);

        // The silent worker wakes up, done with its plan, and has not looked at the row yet.
        await installation.EndAsync(silent!, new PhaseResult(PhaseEnding.Succeeded, HasChanges: true));

        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((RunStatus.Planning, second.Run.ClaimedBy), (after.Status, after.ClaimedBy));
        Assert.Equal(PhaseStatus.Running, (await installation.PlanOfAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_claim_says_how_long_its_worker_may_be_silent(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (alone, company) = (new Neighbours(true), new Neighbours(false));
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var claim = (await Worker(installation, "one", company).ClaimAsync(run.Id, CancellationToken.None))!;
        Assert.Equal(((int)Lease.AmongOthers.TotalSeconds, Lease.AmongOthers), await LengthAsync());

        installation.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Lease.AmongOthers - TimeSpan.FromSeconds(3), claim.Lease.Left);
        await Worker(installation, "one", alone).BeatAsync(claim, CancellationToken.None);
        Assert.Equal(((int)Lease.Alone.TotalSeconds, Lease.Alone), await LengthAsync());

        await Worker(installation, "one", company).BeatAsync(claim, CancellationToken.None);
        Assert.Equal(((int)Lease.AmongOthers.TotalSeconds, Lease.AmongOthers), await LengthAsync());

        async Task<(int, TimeSpan?)> LengthAsync() => ((await installation.ReadAsync(run.Id)).LeaseSeconds, claim.Lease.Left);
    }

    [Theory, EachDatabase]
    public async Task Who_else_is_there_is_looked_up_once_a_second_at_most(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var neighbours = new Neighbours(true);
        var worker = Worker(installation, "one", neighbours);

        var claim = (await worker.ClaimAsync(run.Id, CancellationToken.None))!;
        await worker.BeatAsync(claim, CancellationToken.None);
        Assert.Equal((1, (int)Lease.Alone.TotalSeconds), (neighbours.Looks, (await installation.ReadAsync(run.Id)).LeaseSeconds));

        installation.Clock.Advance(TimeSpan.FromSeconds(1.1));
        await worker.BeatAsync(claim, CancellationToken.None);
        Assert.Equal(2, neighbours.Looks);
    }

    [Fact]
    public async Task On_sqlite_nobody_can_take_a_claim_over_so_it_has_no_end()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var claim = await installation.ClaimAsync((await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id)).Id);

        Assert.NotNull(await installation.Get<RunClaims>().BeatAsync(claim, CancellationToken.None));

        Assert.Null(claim.Lease.Left);
        Assert.Equal(0, (await installation.ReadAsync(claim.Run.Id)).LeaseSeconds);
    }

    private static RunClaims Worker(Installation installation, string name, INeighbours? neighbours = null) => new(
        installation.Databases, installation.Get<RunTurns>(), new WorkerIdentity(name), neighbours ?? installation.Get<INeighbours>(), installation.Get<IAnnouncements>(), installation.Clock);

    private sealed record Neighbours(bool AreNone) : INeighbours
    {
        public bool ArePossible => true;

        public int Looks { get; private set; }

        public Task<bool> AreNoneAsync(CancellationToken cancellationToken)
        {
            Looks++;
            return Task.FromResult(AreNone);
        }
    }
}
