using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunTriggerTests
{
    [Theory, EachDatabase]
    public async Task An_apply_queues_a_run_in_the_workspace_that_follows(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var source = await installation.ReadyWorkspaceAsync();
        var follower = await BesideAsync(installation, source);
        await FollowAsync(installation, follower, source);

        var applied = await ApplyAsync(installation, source.Id);

        var run = Assert.Single(await RunsOfAsync(installation, follower.Id));
        Assert.Equal(
            (RunStatus.PlanQueued, RunReason.RunTrigger, RunSource.RunTrigger, applied.Id, source.Id, "alice"),
            (run.Status, run.Reason, run.Source, run.TriggeredByRunId!.Value, run.TriggeringWorkspaceId!.Value, run.CreatedBy));
        Assert.Equal($"Triggered by {applied.Id} in workspace {source.Name}", run.Message);
        Assert.False(run.Options.AutoApply);
        Assert.Equal(
            $"Queued {run.Id} in workspace {follower.Name}.",
            Assert.Single(await installation.HistoryAsync(applied.Id), happening => happening.Action == "run_triggered").Description);
    }

    [Theory]
    [EachDatabase(true, false, false)]
    [EachDatabase(false, true, true)]
    public async Task A_triggered_run_is_applied_by_itself_only_when_the_workspace_says_so_of_triggered_ones(
        DatabaseProvider provider, bool autoApply, bool autoApplyRunTrigger, bool expected)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var source = await installation.ReadyWorkspaceAsync();
        var follower = await BesideAsync(installation, source, row =>
        {
            row.AutoApply = autoApply;
            row.AutoApplyRunTrigger = autoApplyRunTrigger;
        });
        await FollowAsync(installation, follower, source);

        await ApplyAsync(installation, source.Id);

        Assert.Equal(expected, Assert.Single(await RunsOfAsync(installation, follower.Id)).Options.AutoApply);
    }

    [Theory]
    [EachDatabase(PhaseEnding.Failed)]
    [EachDatabase(PhaseEnding.Canceled)]
    public async Task An_apply_that_failed_queues_nothing(DatabaseProvider provider, PhaseEnding ending)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var source = await installation.ReadyWorkspaceAsync();
        var follower = await BesideAsync(installation, source);
        await FollowAsync(installation, follower, source);
        var run = await installation.PlannedAsync(source.Id, request => request with { AutoApply = true });

        await installation.EndAsync(await installation.ClaimAsync(run.Id), new PhaseResult(ending));

        Assert.Empty(await RunsOfAsync(installation, follower.Id));
    }

    [Theory, EachDatabase]
    public async Task A_crash_between_the_apply_and_its_followers_run_neither_loses_it_nor_makes_it_twice(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var source = await installation.ReadyWorkspaceAsync();
        var follower = await BesideAsync(installation, source);
        var applied = await ApplyAsync(installation, source.Id);
        // What the transaction that ends an apply leaves, as if the process had ended right after it.
        await using (var db = installation.Open())
        {
            db.Add(new DueTrigger { SourceRunId = applied.Id, WorkspaceId = follower.Id, CreatedAt = installation.Clock.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            installation.Get<TriggeredRuns>().FollowAsync(null, CancellationToken.None))));
        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);

        Assert.Single(await RunsOfAsync(installation, follower.Id));
        await using var after = installation.Open();
        Assert.Empty(await after.DueTriggers.ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task Where_no_run_can_be_queued_the_apply_says_why(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var source = await installation.ReadyWorkspaceAsync();
        var follower = await BesideAsync(installation, source, ready: false);
        await FollowAsync(installation, follower, source);

        var applied = await ApplyAsync(installation, source.Id);

        Assert.Empty(await RunsOfAsync(installation, follower.Id));
        Assert.Equal(
            $"No run could be queued in workspace {follower.Name}. The workspace has no configuration yet. Upload one first.",
            Assert.Single(await installation.HistoryAsync(applied.Id), happening => happening.Action == "run_trigger_failed").Description);
    }

    [Theory, EachDatabase]
    public async Task No_workspace_follows_itself_one_twice_or_anybody_of_another_organisation(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var source = await installation.ReadyWorkspaceAsync();
        var follower = await BesideAsync(installation, source);
        var stranger = await installation.ReadyWorkspaceAsync();
        await FollowAsync(installation, follower, source);

        Assert.Equal("A workspace cannot follow itself.", await RefusalAsync(installation, source, source));
        Assert.Equal("The workspace follows that one already.", await RefusalAsync(installation, follower, source));
        Assert.Equal("The organization has no such workspace.", await RefusalAsync(installation, follower, stranger));
    }

    [Theory, EachDatabase]
    public async Task A_circle_over_three_workspaces_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var first = await installation.ReadyWorkspaceAsync();
        var second = await BesideAsync(installation, first);
        var third = await BesideAsync(installation, first);
        await FollowAsync(installation, second, first);
        await FollowAsync(installation, third, second);

        Assert.StartsWith("That workspace follows this one", await RefusalAsync(installation, first, third), StringComparison.Ordinal);
        Assert.StartsWith("That workspace follows this one", await RefusalAsync(installation, first, second), StringComparison.Ordinal);
        // Two ways to the same workspace are no circle.
        Assert.Null(await RefusalAsync(installation, third, first));
    }

    [Theory, EachDatabase]
    public async Task Of_triggers_that_would_close_a_circle_together_the_last_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var first = await installation.ReadyWorkspaceAsync();
        var second = await BesideAsync(installation, first);
        var third = await BesideAsync(installation, first);

        var refusals = await Task.WhenAll(
            Task.Run(() => RefusalAsync(installation, second, first)),
            Task.Run(() => RefusalAsync(installation, third, second)),
            Task.Run(() => RefusalAsync(installation, first, third)));

        Assert.Single(refusals, refusal => refusal is not null);
    }

    [Theory, EachDatabase]
    public async Task A_workspace_follows_twenty_others_at_most(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var follower = await installation.ReadyWorkspaceAsync();
        for (var number = 0; number < RunTriggerEditor.MaxSources; number++)
        {
            Assert.Null(await RefusalAsync(installation, follower, await BesideAsync(installation, follower, ready: false)));
        }

        Assert.Equal(
            "A workspace follows 20 others at most.", await RefusalAsync(installation, follower, await BesideAsync(installation, follower, ready: false)));
    }

    private static async Task<Run> ApplyAsync(Installation installation, WorkspaceId workspace)
    {
        var run = await installation.PlannedAsync(workspace, request => request with { AutoApply = true });
        return await installation.PerformAsync(run.Id);
    }

    private static async Task FollowAsync(Installation installation, Workspace follower, Workspace source) =>
        Assert.Null(await RefusalAsync(installation, follower, source));

    private static async Task<string?> RefusalAsync(Installation installation, Workspace follower, Workspace source) =>
        (await installation.Get<RunTriggerEditor>().CreateAsync(follower.Id, source.Id, CancellationToken.None)).Refusal;

    private static async Task<IReadOnlyList<Run>> RunsOfAsync(Installation installation, WorkspaceId workspace)
    {
        await using var db = installation.Open();
        return await db.Runs.AsNoTracking().Where(run => run.WorkspaceId == workspace).ToListAsync();
    }

    private static async Task<Workspace> BesideAsync(
        Installation installation, Workspace beside, Action<Workspace>? with = null, bool ready = true)
    {
        var workspace = new Workspace
        {
            Id = Identifier.New<WorkspaceId>(),
            OrganizationId = beside.OrganizationId,
            ProjectId = beside.ProjectId,
            Name = $"beside-{Guid.NewGuid():N}"[..20],
            CreatedAt = beside.CreatedAt,
            UpdatedAt = beside.CreatedAt,
        };
        with?.Invoke(workspace);
        await using var db = installation.Open();
        db.Add(workspace);
        await db.SaveChangesAsync();
        if (ready)
        {
            await installation.ConfigurationAsync(workspace.Id);
        }
        return workspace;
    }
}
