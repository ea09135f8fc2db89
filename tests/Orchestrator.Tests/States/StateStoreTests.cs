using System.Text;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.States;

public sealed class StateStoreTests
{
    private static readonly StateWriter Alice = new(null, Someone.Alice);

    [Theory, EachDatabase]
    public async Task A_finalised_state_is_the_current_one(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(3, "line", managed: 2, data: 1);

        var result = await states.StoreAsync(Announce(workspace, raw, 3, "line"), raw, Alice, CancellationToken.None);

        Assert.Equal(StateOutcome.Done, result.Outcome);
        var current = await states.CurrentAsync(workspace, CancellationToken.None);
        Assert.NotNull(current);
        Assert.Equal((3, "line", 2, "1.11.4", raw.Length), (current.Serial, current.Lineage, current.ResourceCount, current.TerraformVersion, current.Size));
        Assert.Equal(StateVersionStatus.Finalized, current.Status);
        Assert.Equal(raw, await states.ReadAsync(current.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task An_announced_state_is_not_current_before_its_document_has_come(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);

        var result = await states.AnnounceAsync(Announce(workspace, State(1, "line"), 1, "line"), Alice, CancellationToken.None);

        Assert.Equal(StateOutcome.Done, result.Outcome);
        Assert.Null(await states.CurrentAsync(workspace, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Nobody_writes_to_a_workspace_whose_lock_is_not_theirs(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var free = await installation.WorkspaceAsync();
        var raw = State(1, "line");

        Task<StateResult> Announced(WorkspaceId where, StateWriter writer) =>
            states.AnnounceAsync(Announce(where, raw, 1, "line"), writer, CancellationToken.None);

        Assert.Equal(StateOutcome.NotLockedByWriter, (await Announced(free.Id, Alice)).Outcome);
        Assert.Equal(StateOutcome.NotLockedByWriter, (await Announced(workspace, new StateWriter(null, Someone.Bob))).Outcome);
        Assert.Equal(StateOutcome.NotLockedByWriter, (await Announced(workspace, new StateWriter(Identifier.New<RunId>(), Someone.Alice))).Outcome);
        Assert.Equal(StateOutcome.NotLockedByWriter,
            (await states.AnnounceAsync(Announce(workspace, raw, 1, "line") with { Force = true }, new StateWriter(null, Someone.Bob), CancellationToken.None)).Outcome);
    }

    [Theory]
    [EachDatabase(4L, "line", StateOutcome.StaleSerial)]
    [EachDatabase(5L, "line", StateOutcome.StaleSerial)]
    [EachDatabase(6L, "other", StateOutcome.OtherLineage)]
    [EachDatabase(6L, "line", StateOutcome.Done)]
    public async Task A_state_must_follow_the_current_one(DatabaseProvider provider, long serial, string lineage, StateOutcome expected)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var current = State(5, "line");
        await states.StoreAsync(Announce(workspace, current, 5, "line"), current, Alice, CancellationToken.None);
        var next = State(serial, lineage, managed: 1);

        var result = await states.StoreAsync(Announce(workspace, next, serial, lineage), next, Alice, CancellationToken.None);

        Assert.Equal(expected, result.Outcome);
        Assert.Equal(expected == StateOutcome.Done ? 6 : 5, (await states.CurrentAsync(workspace, CancellationToken.None))!.Serial);
    }

    [Theory, EachDatabase]
    public async Task The_same_state_may_be_sent_again(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(5, "line");
        await states.StoreAsync(Announce(workspace, raw, 5, "line"), raw, Alice, CancellationToken.None);

        Assert.Equal(StateOutcome.Done, (await states.StoreAsync(Announce(workspace, raw, 5, "line"), raw, Alice, CancellationToken.None)).Outcome);
    }

    [Theory]
    [EachDatabase(2L, "line")]
    [EachDatabase(9L, "other")]
    public async Task A_forced_state_need_not_follow(DatabaseProvider provider, long serial, string lineage)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var current = State(5, "line");
        await states.StoreAsync(Announce(workspace, current, 5, "line"), current, Alice, CancellationToken.None);
        var forced = State(serial, lineage);

        var result = await states.StoreAsync(Announce(workspace, forced, serial, lineage) with { Force = true }, forced, Alice, CancellationToken.None);

        Assert.Equal(StateOutcome.Done, result.Outcome);
        Assert.Equal(result.Version!.Id, (await states.CurrentAsync(workspace, CancellationToken.None))!.Id);
    }

    [Theory, EachDatabase]
    public async Task A_document_that_is_not_the_announced_one_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(1, "line");
        byte[][] wrong =
        [
            State(1, "line", managed: 1), State(2, "line"), State(1, "other"),
            "not json"u8.ToArray(), "{}"u8.ToArray(), "[]"u8.ToArray(), "{\"serial\":\"1\",\"lineage\":\"line\"}"u8.ToArray(), [],
        ];
        var announced = await states.AnnounceAsync(Announce(workspace, raw, 1, "line"), Alice, CancellationToken.None);

        foreach (var document in wrong)
        {
            Assert.Equal(StateOutcome.Malformed, (await states.FinalizeAsync(announced.Version!.Id, document, CancellationToken.None)).Outcome);
        }
        Assert.Null(await states.CurrentAsync(workspace, CancellationToken.None));
        Assert.Equal(StateOutcome.Done, (await states.FinalizeAsync(announced.Version!.Id, raw, CancellationToken.None)).Outcome);
    }

    [Theory, EachDatabase]
    public async Task A_document_is_taken_once(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(1, "line");
        var stored = await states.StoreAsync(Announce(workspace, raw, 1, "line"), raw, Alice, CancellationToken.None);

        Assert.Equal(StateOutcome.NotPending, (await states.FinalizeAsync(stored.Version!.Id, raw, CancellationToken.None)).Outcome);
        Assert.Equal(StateOutcome.NotPending, (await states.FinalizeAsync(Identifier.New<StateVersionId>(), raw, CancellationToken.None)).Outcome);
    }

    [Theory, EachDatabase]
    public async Task Of_states_that_arrive_at_once_the_newest_serial_stays(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var arriving = new List<(StateVersionId Id, byte[] Raw)>();
        foreach (var serial in Enumerable.Range(1, 8))
        {
            var raw = State(serial, "line");
            var announced = await states.AnnounceAsync(Announce(workspace, raw, serial, "line"), Alice, CancellationToken.None);
            arriving.Add((announced.Version!.Id, raw));
        }
        // The newest first: those that come after it must not take its place.
        arriving.Reverse();

        var outcomes = await Task.WhenAll(arriving.Select(each =>
            Task.Run(() => states.FinalizeAsync(each.Id, each.Raw, CancellationToken.None))));

        Assert.All(outcomes, result => Assert.Equal(StateOutcome.Done, result.Outcome));
        Assert.Equal(8, (await states.CurrentAsync(workspace, CancellationToken.None))!.Serial);
    }

    [Theory, EachDatabase]
    public async Task The_readable_form_is_kept_beside_the_raw_state(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(1, "line");
        var stored = await states.StoreAsync(Announce(workspace, raw, 1, "line"), raw, Alice, CancellationToken.None);

        await states.StoreJsonAsync(stored.Version!.Id, "{}"u8.ToArray(), CancellationToken.None);

        Assert.Equal("{}"u8.ToArray(), await states.ReadJsonAsync(stored.Version.Id, CancellationToken.None));
        Assert.Equal(raw, await states.ReadAsync(stored.Version.Id, CancellationToken.None));
    }

    private static async Task<(StateStore States, WorkspaceId Workspace)> LockedAsync(Installation installation)
    {
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);
        return (installation.Get<StateStore>(), workspace.Id);
    }

    private static StateAnnouncement Announce(WorkspaceId workspace, byte[] raw, long serial, string lineage) =>
        new(workspace, serial, lineage, StateDocument.Md5Of(raw), Force: false);

    private static byte[] State(long serial, string lineage, int managed = 0, int data = 0)
    {
        var resources = Enumerable.Repeat("""{"mode":"managed","instances":[{}]}""", managed)
            .Concat(Enumerable.Repeat("""{"mode":"data","instances":[{}]}""", data));
        return Encoding.UTF8.GetBytes(
            $$"""{"version":4,"terraform_version":"1.11.4","serial":{{serial}},"lineage":"{{lineage}}","resources":[{{string.Join(',', resources)}}]}""");
    }
}
