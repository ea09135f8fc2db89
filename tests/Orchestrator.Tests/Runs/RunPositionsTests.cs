using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunPositionsTests
{
    [Theory, EachDatabase]
    public async Task A_pending_run_knows_how_many_of_its_workspace_go_before_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var holder = await installation.PlannedAsync(workspace.Id);
        var first = await installation.QueueAsync(workspace.Id);
        var second = await installation.QueueAsync(workspace.Id);

        Assert.Equal([0, 1, 2], await PositionsAsync(installation, holder.Id, first.Id, second.Id));
    }

    [Theory, EachDatabase]
    public async Task Nobody_goes_before_the_run_that_waits_for_a_persons_lock_alone(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await using (var db = installation.Open())
        {
            await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);
        }
        var first = await installation.QueueAsync(workspace.Id);
        var second = await installation.QueueAsync(workspace.Id);

        Assert.Equal([0, 1], await PositionsAsync(installation, first.Id, second.Id));
        // By this, the CLI tells a lock from a queue.
        Assert.Equal(first.Id, (await installation.ReadAsync(workspace.Id)).CurrentRunId);
    }

    [Theory, EachDatabase]
    public async Task The_queue_holds_what_is_carried_out_then_applies_then_plans_then_what_only_looks(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var one = await installation.ReadyWorkspaceAsync();
        var two = await AnotherAsync(installation, one);
        var three = await AnotherAsync(installation, one);
        var look = await installation.QueueAsync(one.Id, request => request with { PlanOnly = true });
        var plan = await installation.QueueAsync(one.Id);
        var running = await installation.QueueAsync(two.Id);
        await installation.ClaimAsync(running.Id);
        var apply = await installation.PlannedAsync(three.Id, request => request with { AutoApply = true });
        await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);

        await using var db = installation.Open();
        var queue = await db.Queue(one.OrganizationId).Select(run => run.Id).ToListAsync();

        Assert.Equal([running.Id, apply.Id, plan.Id, look.Id], queue);
        Assert.Equal([0, 1, 2, 3], await PositionsAsync(installation, [.. queue]));
    }

    private static async Task<Workspace> AnotherAsync(Installation installation, Workspace beside)
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
        await using var db = installation.Open();
        db.Add(workspace);
        await db.SaveChangesAsync();
        await installation.ConfigurationAsync(workspace.Id);
        return workspace;
    }

    private static async Task<IReadOnlyList<int>> PositionsAsync(Installation installation, params RunId[] ids)
    {
        var runs = new List<Run>();
        foreach (var id in ids)
        {
            runs.Add(await installation.ReadAsync(id));
        }
        await using var db = installation.Open();
        var positions = await db.PositionsAsync(runs, CancellationToken.None);
        return [.. ids.Select(id => positions[id])];
    }
}
