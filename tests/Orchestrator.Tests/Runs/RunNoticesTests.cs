using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;
using Orchestrator.Notifications;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunNoticesTests
{
    [Theory, EachDatabase]
    public async Task Each_step_of_a_run_is_noted_once_for_whoever_wants_to_know(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await ConfigureAsync(installation, workspace, NotificationTriggers.All);

        var run = await installation.PlannedAsync(workspace.Id);
        await installation.Get<RunActions>().ConfirmAsync(run.Id, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None);
        await installation.PerformAsync(run.Id);

        Assert.Equal(
            [
                ("run:created", "pending", "alice"), ("run:planning", "planning", null), ("run:needs_attention", "planned", null),
                ("run:applying", "applying", null), ("run:completed", "applied", null),
            ],
            await NotedAsync(installation));
    }

    [Theory, EachDatabase]
    public async Task A_run_that_is_applied_by_itself_needs_nobodys_attention(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await ConfigureAsync(installation, workspace, [NotificationTriggers.NeedsAttention, NotificationTriggers.Completed]);

        var run = await installation.PlannedAsync(workspace.Id, request => request with { AutoApply = true });
        await installation.PerformAsync(run.Id);

        Assert.Equal([("run:completed", "applied", null)], await NotedAsync(installation));
    }

    [Theory, EachDatabase]
    public async Task Nobody_is_told_of_what_only_looks_nor_by_a_configuration_that_is_off(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await ConfigureAsync(installation, workspace, NotificationTriggers.All);
        var other = await installation.ReadyWorkspaceAsync();
        await ConfigureAsync(installation, other, NotificationTriggers.All, enabled: false);

        await installation.QueueAsync(workspace.Id, request => request with { PlanOnly = true });
        await installation.QueueAsync(other.Id);

        Assert.Empty(await NotedAsync(installation));
    }

    [Theory, EachDatabase]
    public async Task A_projects_configuration_hears_of_the_runs_of_its_workspaces(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await ConfigureAsync(installation, workspace, [NotificationTriggers.Created], ofProject: true);

        await installation.QueueAsync(workspace.Id);
        await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        Assert.Equal([("run:created", "pending", "alice")], await NotedAsync(installation));
    }

    [Theory, EachDatabase]
    public async Task What_is_due_is_handed_over_once_and_again_when_its_job_is_lost(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await ConfigureAsync(installation, workspace, [NotificationTriggers.Created]);
        await installation.QueueAsync(workspace.Id);
        var dispatch = installation.Get<NotificationDispatch>();

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => dispatch.DispatchAsync(CancellationToken.None))));
        Assert.Single(installation.JobsIn(NotificationJob.Queue));
        installation.Clock.Advance(TimeSpan.FromMinutes(3));
        await dispatch.DispatchAsync(CancellationToken.None);

        Assert.Equal(2, installation.JobsIn(NotificationJob.Queue).Count);
    }

    [Theory, EachDatabase]
    public async Task A_receiver_that_does_not_answer_is_tried_five_times_and_then_given_up(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        // Nothing listens there, and it is inside.
        await ConfigureAsync(installation, workspace, [NotificationTriggers.Created]);
        await installation.QueueAsync(workspace.Id);
        var pauses = new List<double>();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var id = (await DeliveriesAsync(installation))[0].Id.Value;
            await installation.Get<NotificationJob>().ExecuteAsync(id, CancellationToken.None);
            var delivery = Assert.Single(await DeliveriesAsync(installation));
            Assert.Equal(attempt, delivery.Attempts);
            pauses.Add((delivery.DueAt - installation.Clock.GetUtcNow())?.TotalSeconds ?? -1);
        }

        var last = Assert.Single(await DeliveriesAsync(installation));
        Assert.Equal([10, 60, 300, 1800, -1], pauses);
        Assert.Equal(NotificationDeliveryStatus.Failed, last.Status);
        Assert.Contains("inside", last.Body, StringComparison.Ordinal);
        await installation.Get<NotificationJob>().ExecuteAsync(last.Id.Value, CancellationToken.None);
        Assert.Equal(5, Assert.Single(await DeliveriesAsync(installation)).Attempts);
    }

    private static async Task ConfigureAsync(
        Installation installation, Workspace workspace, string[] triggers, bool enabled = true, bool ofProject = false)
    {
        var id = Identifier.New<NotificationConfigurationId>();
        await using var db = installation.Open();
        db.Add(new NotificationConfiguration
        {
            Id = id,
            WorkspaceId = ofProject ? null : workspace.Id,
            ProjectId = ofProject ? workspace.ProjectId : null,
            Name = "test",
            Destination = NotificationDestination.Generic,
            Enabled = enabled,
            ProtectedUrl = installation.Get<SecretBox>().Protect(SecretKind.Notification, SealedPlaces.OfUrl(id), "http://127.0.0.1:9/hook"),
            Triggers = triggers,
            CreatedAt = Installation.Start,
            UpdatedAt = Installation.Start,
        });
        await db.SaveChangesAsync();
    }

    private static async Task<IReadOnlyList<NotificationDelivery>> DeliveriesAsync(Installation installation)
    {
        await using var db = installation.Open();
        return [.. (await db.NotificationDeliveries.AsNoTracking().ToListAsync()).OrderBy(delivery => delivery.OccurredAt)];
    }

    private static async Task<IReadOnlyList<(string Trigger, string? Status, string? By)>> NotedAsync(Installation installation)
    {
        // Steps of one moment stand in the order of a run's life.
        return [.. (await DeliveriesAsync(installation))
            .OrderBy(delivery => Array.IndexOf(NotificationTriggers.All, delivery.Trigger))
            .Select(delivery => (delivery.Trigger, delivery.RunStatus, delivery.OccurredBy))];
    }
}
