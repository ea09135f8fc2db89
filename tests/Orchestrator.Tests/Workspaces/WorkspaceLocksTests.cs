using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Workspaces;

public sealed class WorkspaceLocksTests
{
    private static readonly RunId Run = Identifier.New<RunId>();

    [Theory, EachDatabase]
    public async Task Of_many_who_lock_at_once_exactly_one_has_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            await using var db = installation.Open();
            return number % 2 == 0
                ? await db.LockAsync(workspace.Id, Someone.Called($"person {number}"), "", Installation.Start, CancellationToken.None)
                : await db.LockForRunAsync(workspace.Id, Identifier.New<RunId>(), Installation.Start, CancellationToken.None);
        })));

        Assert.Single(outcomes, LockOutcome.Done);
        Assert.Equal(7, outcomes.Count(outcome => outcome == LockOutcome.HeldByAnother));
        var after = await installation.ReadAsync(workspace.Id);
        Assert.True(after.LockedBy is null ^ after.LockedByRunId is null);
    }

    [Theory, EachDatabase]
    public async Task A_run_does_not_get_a_workspace_that_a_person_has_locked(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "maintenance", Installation.Start, CancellationToken.None);

        Assert.Equal(LockOutcome.HeldByAnother, await db.LockForRunAsync(workspace.Id, Run, Installation.Start, CancellationToken.None));

        var after = await installation.ReadAsync(workspace.Id);
        Assert.Equal(("alice", "maintenance", Installation.Start, null), (after.LockedBy, after.LockReason, after.LockedAt, after.CurrentRunId));
    }

    [Theory, EachDatabase]
    public async Task A_person_does_not_get_a_workspace_that_a_run_holds(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockForRunAsync(workspace.Id, Run, Installation.Start, CancellationToken.None);

        Assert.Equal(LockOutcome.HeldByAnother, await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None));

        var after = await installation.ReadAsync(workspace.Id);
        Assert.Equal((Run, Run, null), (after.LockedByRunId, after.CurrentRunId, after.LockedBy));
    }

    [Theory, EachDatabase]
    public async Task Only_the_holder_can_give_a_lock_back(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);

        Assert.Equal(LockOutcome.HeldByAnother, await db.UnlockAsync(workspace.Id, Someone.Bob, CancellationToken.None));
        Assert.Equal(LockOutcome.NotLocked, await db.UnlockFromRunAsync(workspace.Id, Run, CancellationToken.None));
        Assert.True((await installation.ReadAsync(workspace.Id)).IsLocked);
        Assert.Equal(LockOutcome.Done, await db.UnlockAsync(workspace.Id, Someone.Alice, CancellationToken.None));
        Assert.False((await installation.ReadAsync(workspace.Id)).IsLocked);
        Assert.Equal(LockOutcome.NotLocked, await db.UnlockAsync(workspace.Id, Someone.Alice, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Another_runs_lock_is_not_released(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockForRunAsync(workspace.Id, Run, Installation.Start, CancellationToken.None);

        Assert.Equal(LockOutcome.NotLocked, await db.UnlockFromRunAsync(workspace.Id, Identifier.New<RunId>(), CancellationToken.None));

        Assert.Equal(Run, (await installation.ReadAsync(workspace.Id)).LockedByRunId);
    }

    [Theory, EachDatabase]
    public async Task Force_unlock_takes_a_persons_lock_and_leaves_nothing_of_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "maintenance", Installation.Start, CancellationToken.None);

        Assert.Equal(LockOutcome.Done, await db.ForceUnlockAsync(workspace.Id, CancellationToken.None));

        var after = await installation.ReadAsync(workspace.Id);
        Assert.Equal((null, null, null), (after.LockedBy, after.LockReason, after.LockedAt));
        Assert.Equal(LockOutcome.NotLocked, await db.ForceUnlockAsync(workspace.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Force_unlock_never_takes_a_runs_lock(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockForRunAsync(workspace.Id, Run, Installation.Start, CancellationToken.None);

        Assert.Equal(LockOutcome.HeldByAnother, await db.ForceUnlockAsync(workspace.Id, CancellationToken.None));

        Assert.Equal(Run, (await installation.ReadAsync(workspace.Id)).LockedByRunId);
    }

    [Theory, EachDatabase]
    public async Task Locking_one_workspace_leaves_the_others_alone(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (one, other) = (await installation.WorkspaceAsync(), await installation.WorkspaceAsync());
        await using var db = installation.Open();

        await db.LockAsync(one.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);

        Assert.False((await installation.ReadAsync(other.Id)).IsLocked);
    }
}
