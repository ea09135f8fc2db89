using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class RunTransitionsTests
{
    [Theory, EachDatabase]
    public async Task A_move_that_the_table_knows_is_made_and_recorded(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await QueuedAsync(installation);
        await using var db = installation.Open();

        var outcome = await db.MoveAsync(run.Id, RunStatus.Canceled, Installation.Start, Someone.Bob, "not needed");

        Assert.Equal(MoveOutcome.Moved, outcome);
        Assert.Equal(RunStatus.Canceled, (await installation.ReadAsync(run.Id)).Status);
        var entry = Assert.Single(await installation.HistoryAsync(run.Id), happening => happening.Action == "canceled");
        Assert.Equal(("bob", "not needed", Installation.Start), (entry.Actor, entry.Description, entry.CreatedAt));
    }

    [Theory, EachDatabase]
    public async Task A_move_that_the_table_does_not_know_changes_nothing(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await QueuedAsync(installation);
        var before = await installation.HistoryAsync(run.Id);
        await using var db = installation.Open();

        var outcome = await db.MoveAsync(run.Id, RunStatus.Applying, Installation.Start,
            also: set => set.SetProperty(row => row.ClaimedBy, "thief"));

        Assert.Equal(MoveOutcome.NotThere, outcome);
        var after = await installation.ReadAsync(run.Id);
        Assert.Equal((RunStatus.PlanQueued, null), (after.Status, after.ClaimedBy));
        Assert.Equal(before.Select(entry => entry.Id), (await installation.HistoryAsync(run.Id)).Select(entry => entry.Id));
    }

    [Theory, EachDatabase]
    public async Task A_move_can_be_narrowed_but_never_widened(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await QueuedAsync(installation);
        await using var db = installation.Open();

        Assert.Equal(MoveOutcome.NotThere,
            await db.MoveAsync(run.Id, RunStatus.Canceled, Installation.Start, only: [RunStatus.Planning]));
        Assert.Equal(MoveOutcome.NotThere,
            await db.MoveAsync(run.Id, RunStatus.Applied, Installation.Start, only: [RunStatus.PlanQueued]));
        Assert.Equal(RunStatus.PlanQueued, (await installation.ReadAsync(run.Id)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_move_through_others_is_one_and_its_history_names_them_all(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await QueuedAsync(installation);
        await installation.ClaimAsync(run.Id);
        await using var db = installation.Open();

        var outcome = await db.MoveAsync(
            run.Id, RunStatus.ApplyQueued, installation.Clock.GetUtcNow(), through: [(RunStatus.Planned, null), (RunStatus.Confirmed, "by itself")]);

        Assert.Equal(MoveOutcome.Moved, outcome);
        Assert.Equal(RunStatus.ApplyQueued, (await installation.ReadAsync(run.Id)).Status);
        Assert.Equal(
            [("planned", null), ("confirmed", "by itself"), ("apply_queued", null)],
            (await db.HistoryAsync(run.Id, CancellationToken.None)).TakeLast(3).Select(happening => (happening.Action, happening.Description)));
        // From where the first of them starts, and not the last.
        Assert.Equal(MoveOutcome.NotThere, await db.MoveAsync(
            run.Id, RunStatus.ApplyQueued, Installation.Start, through: [(RunStatus.Planned, null), (RunStatus.Confirmed, null)]));
    }

    [Fact]
    public async Task No_move_goes_through_what_does_not_lead_there()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var run = await QueuedAsync(installation);
        await using var db = installation.Open();

        await Assert.ThrowsAsync<ArgumentException>(() =>
            db.MoveAsync(run.Id, RunStatus.Applied, Installation.Start, through: [(RunStatus.Planning, null)]));
    }

    [Theory, EachDatabase]
    public async Task Of_many_who_move_a_run_at_once_one_does_and_only_its_entry_is_written(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await QueuedAsync(installation);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            await using var db = installation.Open();
            var to = number % 2 == 0 ? RunStatus.Planning : RunStatus.Canceled;
            return await db.MoveAsync(run.Id, to, Installation.Start, Someone.Called($"actor {number}"), only: [RunStatus.PlanQueued]);
        })));

        Assert.Single(outcomes, MoveOutcome.Moved);
        var entry = Assert.Single(await installation.HistoryAsync(run.Id), happening => happening.Actor?.StartsWith("actor", StringComparison.Ordinal) == true);
        Assert.Equal(EnumText.Of((await installation.ReadAsync(run.Id)).Status), entry.Action);
    }

    [Theory, EachDatabase]
    public async Task A_run_that_does_not_exist_is_not_there(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await using var db = installation.Open();

        Assert.Equal(MoveOutcome.NotThere, await db.MoveAsync(Identifier.New<RunId>(), RunStatus.Canceled, Installation.Start));
    }

    private static async Task<Run> QueuedAsync(Installation installation) =>
        await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
}
