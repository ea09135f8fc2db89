using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class RunHistoryTests
{
    [Theory, EachDatabase]
    public async Task What_happens_in_one_moment_is_told_in_the_order_of_a_runs_life(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.PlannedAsync(workspace.Id, request => request with { AutoApply = true });

        await using var db = installation.Open();
        var history = await RunHistory.HistoryAsync(db, run.Id, CancellationToken.None);

        Assert.Equal(
            ["pending", "plan_queued", "planning", "planned", "confirmed", "apply_queued"], history.Select(happening => happening.Action));
    }

    [Theory, EachDatabase]
    public async Task Every_run_of_a_page_has_the_instants_of_its_own_statuses(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var planned = await installation.PlannedAsync(workspace.Id);
        var pending = await installation.QueueAsync(workspace.Id);
        await installation.Get<RunComments>().AddAsync(pending.Id, Someone.Bob, "Soon", CancellationToken.None);

        await using var db = installation.Open();
        var timestamps = await db.TimestampsAsync([planned, pending], CancellationToken.None);

        Assert.Equal(
            ["plan-queueable-at", "plan-queued-at", "planning-at", "planned-at"], timestamps[planned.Id].Select(reached => reached.Key));
        Assert.Equal([KeyValuePair.Create("plan-queueable-at", pending.CreatedAt)], timestamps[pending.Id]);
    }

    [Theory, EachDatabase]
    public async Task A_killed_run_says_when_it_was_killed(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        var claim = await installation.ClaimAsync(run.Id);
        var actions = installation.Get<RunActions>();
        await actions.CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None);
        installation.Clock.Advance(TimeSpan.FromMinutes(1));
        await actions.ForceCancelAsync(run.Id, Someone.Bob, null, CancellationToken.None);
        await installation.EndAsync(claim, new PhaseResult(PhaseEnding.Canceled));

        await using var db = installation.Open();
        var timestamps = await db.TimestampsAsync([await installation.ReadAsync(run.Id)], CancellationToken.None);

        Assert.Equal(["canceled-at", "force-canceled-at"], timestamps[run.Id].Select(reached => reached.Key).TakeLast(2));
    }

    [Theory, EachDatabase]
    public async Task Every_change_that_a_reader_can_see_is_dated(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        installation.Clock.Advance(TimeSpan.FromMinutes(1));
        var claim = await installation.ClaimAsync(run.Id);
        var claimed = installation.Clock.GetUtcNow();
        Assert.Equal(claimed, (await installation.ReadAsync(run.Id)).UpdatedAt);

        installation.Clock.Advance(TimeSpan.FromMinutes(1));
        await installation.Get<RunClaims>().BeatAsync(claim, CancellationToken.None);
        Assert.Equal(claimed, (await installation.ReadAsync(run.Id)).UpdatedAt);
        await installation.Get<RunActions>().CancelAsync(run.Id, Someone.Bob, null, CancellationToken.None);

        Assert.Equal(installation.Clock.GetUtcNow(), (await installation.ReadAsync(run.Id)).UpdatedAt);
    }

    [Theory, EachDatabase]
    public async Task A_comment_is_masked_and_stands_with_what_it_was_said_about(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "password", "correct-horse-battery", sensitive: true);
        var run = await installation.PlannedAsync(workspace.Id);

        await installation.Get<RunComments>().AddAsync(run.Id, Someone.Eve, "Is it correct-horse-battery?", CancellationToken.None);
        await installation.Get<RunActions>().ConfirmAsync(run.Id, Someone.Bob, "Yes, correct-horse-battery", mayUseCredentials: true, CancellationToken.None);

        var said = (await installation.HistoryAsync(run.Id)).Where(happening => happening.CommentId is not null).ToArray();
        Assert.Equal(
            [("commented", "eve", "Is it ***?"), ("confirmed", "bob", "Yes, ***")],
            said.Select(happening => (happening.Action, happening.Actor!, happening.Comment!)));
        Assert.Equal(2, said.Select(happening => happening.CommentId).Distinct().Count());
        Assert.Null(await installation.Get<RunComments>().AddAsync(Identifier.New<RunId>(), Someone.Eve, "Hello?", CancellationToken.None));
    }
}
