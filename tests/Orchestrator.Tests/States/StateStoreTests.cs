using System.Text;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.States;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.States;

public sealed class StateStoreTests
{
    private static readonly StateWriter Alice = new(null, Someone.Alice);
    private static readonly byte[] Json = """{"format_version":"1.0"}"""u8.ToArray();

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
    public async Task The_current_state_may_be_announced_and_sent_again_and_stays_the_same_version(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(5, "line");
        var first = await states.StoreAsync(Announce(workspace, raw, 5, "line"), raw, Alice, CancellationToken.None);

        var again = await states.AnnounceAsync(Announce(workspace, raw, 5, "line"), Alice, CancellationToken.None);
        var sent = await states.FinalizeAsync(again.Version!.Id, raw, CancellationToken.None);

        Assert.Equal((StateOutcome.Done, first.Version!.Id), (again.Outcome, again.Version.Id));
        Assert.Equal((StateOutcome.Done, first.Version.Id), (sent.Outcome, sent.Version!.Id));
        await using var db = installation.Open();
        Assert.Single(await db.StateVersions.ToListAsync(TestContext.Current.CancellationToken));
    }

    [Theory, EachDatabase]
    public async Task A_document_is_refused_when_its_writers_lock_is_gone(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var (first, late) = (State(1, "line"), State(2, "line"));
        await states.StoreAsync(Announce(workspace, first, 1, "line"), first, Alice, CancellationToken.None);
        var announced = await states.AnnounceAsync(Announce(workspace, late, 2, "line"), Alice, CancellationToken.None);
        await using (var db = installation.Open())
        {
            await db.UnlockAsync(workspace, Someone.Alice, CancellationToken.None);
            await db.LockAsync(workspace, Someone.Bob, "", Installation.Start, CancellationToken.None);
        }

        // Bob has read the first state by now.
        Assert.Equal(StateOutcome.NotLockedByWriter, (await states.FinalizeAsync(announced.Version!.Id, late, CancellationToken.None)).Outcome);

        Assert.Equal(1, (await states.CurrentAsync(workspace, CancellationToken.None))!.Serial);
        Assert.Equal(StateVersionStatus.Discarded, (await ReadAsync(installation, announced.Version.Id)).Status);
        Assert.Null(await installation.Get<IBlobStore>().ReadAsync(BlobKey.State(announced.Version.Id), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_document_that_comes_after_a_newer_one_is_discarded(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var (older, newer) = (State(1, "line"), State(2, "line"));
        var announced = await states.AnnounceAsync(Announce(workspace, older, 1, "line"), Alice, CancellationToken.None);
        await states.StoreAsync(Announce(workspace, newer, 2, "line"), newer, Alice, CancellationToken.None);

        Assert.Equal(StateVersionStatus.Discarded, (await ReadAsync(installation, announced.Version!.Id)).Status);
        Assert.Equal(StateOutcome.Superseded, (await states.FinalizeAsync(announced.Version.Id, older, CancellationToken.None)).Outcome);
        Assert.Equal(StateOutcome.Superseded, await states.StoreJsonAsync(announced.Version.Id, Json, CancellationToken.None));
        Assert.Equal(2, (await states.CurrentAsync(workspace, CancellationToken.None))!.Serial);
    }

    [Theory, EachDatabase]
    public async Task Of_two_states_with_one_serial_only_one_is_taken(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        byte[][] rivals = [.. Enumerable.Range(1, 6).Select(managed => State(4, "line", managed))];
        var announced = new List<StateVersionId>();
        foreach (var raw in rivals)
        {
            announced.Add((await states.AnnounceAsync(Announce(workspace, raw, 4, "line"), Alice, CancellationToken.None)).Version!.Id);
        }

        var results = await Task.WhenAll(rivals.Select((raw, index) =>
            Task.Run(() => states.FinalizeAsync(announced[index], raw, CancellationToken.None))));

        var taken = Assert.Single(results, result => result.Outcome == StateOutcome.Done);
        Assert.All(results.Where(result => result != taken), result => Assert.Equal(StateOutcome.Superseded, result.Outcome));
        Assert.Equal(taken.Version!.Id, (await states.CurrentAsync(workspace, CancellationToken.None))!.Id);
    }

    [Theory, EachDatabase]
    public async Task Each_state_knows_the_one_before_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var (first, second) = (State(1, "line"), State(2, "line"));

        var one = await states.StoreAsync(Announce(workspace, first, 1, "line"), first, Alice, CancellationToken.None);
        var two = await states.StoreAsync(Announce(workspace, second, 2, "line"), second, Alice, CancellationToken.None);

        Assert.Null(one.Version!.PreviousId);
        Assert.Equal(one.Version.Id, two.Version!.PreviousId);
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

        Assert.Equal(StateOutcome.NotPending, (await states.FinalizeAsync(stored.Version!.Id, State(1, "line", managed: 1), CancellationToken.None)).Outcome);
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

        Assert.All(outcomes, result => Assert.True(result.Outcome is StateOutcome.Done or StateOutcome.Superseded));
        Assert.Equal(8, (await states.CurrentAsync(workspace, CancellationToken.None))!.Serial);
    }

    [Theory, EachDatabase]
    public async Task The_readable_form_is_kept_beside_the_raw_state_whichever_comes_first(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var (first, second) = (State(1, "line"), State(2, "line"));
        var before = (await states.AnnounceAsync(Announce(workspace, first, 1, "line"), Alice, CancellationToken.None)).Version!.Id;

        Assert.Equal(StateOutcome.Done, await states.StoreJsonAsync(before, Json, CancellationToken.None));
        await states.FinalizeAsync(before, first, CancellationToken.None);
        var after = (await states.StoreAsync(Announce(workspace, second, 2, "line"), second, Alice, CancellationToken.None)).Version!.Id;
        Assert.Null(await states.ReadJsonAsync(after, CancellationToken.None));
        Assert.Equal(StateOutcome.Done, await states.StoreJsonAsync(after, Json, CancellationToken.None));

        foreach (var (id, raw) in new[] { (before, first), (after, second) })
        {
            Assert.Equal(Json, await states.ReadJsonAsync(id, CancellationToken.None));
            Assert.Equal(raw, await states.ReadAsync(id, CancellationToken.None));
            Assert.True((await ReadAsync(installation, id)).HasJson);
        }
    }

    [Theory, EachDatabase]
    public async Task The_readable_form_may_come_again_and_may_not_change(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(1, "line");
        var id = (await states.StoreAsync(Announce(workspace, raw, 1, "line"), raw, Alice, CancellationToken.None)).Version!.Id;
        await states.StoreJsonAsync(id, Json, CancellationToken.None);

        Assert.Equal(StateOutcome.Done, await states.StoreJsonAsync(id, Json, CancellationToken.None));
        Assert.Equal(StateOutcome.NotPending, await states.StoreJsonAsync(id, """{"format_version":"1.0","values":{}}"""u8.ToArray(), CancellationToken.None));
        Assert.Equal(Json, await states.ReadJsonAsync(id, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"format_version":1}""")]
    [InlineData("""{"format_version":"1.0","values":{""")]
    public async Task What_is_no_readable_form_is_refused(string json)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var (states, workspace) = await LockedAsync(installation);
        var raw = State(1, "line");
        var id = (await states.StoreAsync(Announce(workspace, raw, 1, "line"), raw, Alice, CancellationToken.None)).Version!.Id;

        Assert.Equal(StateOutcome.Malformed, await states.StoreJsonAsync(id, Encoding.UTF8.GetBytes(json), CancellationToken.None));
        Assert.Null(await states.ReadJsonAsync(id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Outputs_are_listed_with_their_types_and_rest_encrypted(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var raw = WithOutputs("""
            "words": {"value": "plain-words", "type": "string"},
            "secret": {"value": ["deep-secret", 12345678901234567890.5], "type": ["tuple", ["string", "number"]], "sensitive": true}
            """);

        var version = (await states.StoreAsync(Announce(workspace, raw, 1, "line"), raw, Alice, CancellationToken.None)).Version!;

        await using var db = installation.Open();
        var outputs = await db.StateOutputs.Where(output => output.StateVersionId == version.Id)
            .OrderByDescending(output => output.Name).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["words", "secret"], outputs.Select(output => output.Name));
        Assert.Equal([false, true], outputs.Select(output => output.Sensitive));
        Assert.Equal("""["tuple", ["string", "number"]]""", outputs[1].DetailedType);
        var vault = installation.Get<StateOutputVault>();
        Assert.Equal("""["deep-secret", 12345678901234567890.5]""", vault.Open(outputs[1]).GetRawText());
        Assert.DoesNotContain(outputs, output => Encoding.UTF8.GetString(output.ProtectedValue).Contains("plain", StringComparison.Ordinal));
        Assert.DoesNotContain(outputs, output => Encoding.UTF8.GetString(output.ProtectedValue).Contains("deep", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outputs_beyond_all_measure_are_counted_and_not_listed()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var (states, workspace) = await LockedAsync(installation);
        var raw = WithOutputs(string.Join(',', Enumerable.Range(0, StateVersion.MaxListedOutputs + 1)
            .Select(index => $$"""
            "o{{index}}": {"value": 1, "type": "number"}
            """)));

        var stored = await states.StoreAsync(Announce(workspace, raw, 1, "line"), raw, Alice, CancellationToken.None);

        Assert.Equal((StateOutcome.Done, StateVersion.MaxListedOutputs + 1), (stored.Outcome, stored.Version!.OutputCount));
        await using var db = installation.Open();
        Assert.False(await db.StateOutputs.AnyAsync(TestContext.Current.CancellationToken));
        Assert.Equal(raw, await states.ReadAsync(stored.Version.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task An_earlier_state_comes_back_as_a_new_version(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var (first, second) = (State(3, "line", managed: 2), State(7, "line"));
        var target = (await states.StoreAsync(Announce(workspace, first, 3, "line"), first, Alice, CancellationToken.None)).Version!.Id;
        await states.StoreJsonAsync(target, Json, CancellationToken.None);
        await states.StoreAsync(Announce(workspace, second, 7, "line"), second, Alice, CancellationToken.None);
        var rollback = installation.Get<StateRollback>();

        Assert.Equal(StateOutcome.NotLockedByWriter,
            (await rollback.RollBackAsync(workspace, target, new StateWriter(null, Someone.Bob), CancellationToken.None)).Outcome);
        var result = await rollback.RollBackAsync(workspace, target, Alice, CancellationToken.None);

        Assert.Equal(StateOutcome.Done, result.Outcome);
        var current = (await states.CurrentAsync(workspace, CancellationToken.None))!;
        Assert.Equal((result.Version!.Id, 8L, 2, target), (current.Id, current.Serial, current.ResourceCount, current.RollbackOfId));
        Assert.Equal(
            Encoding.UTF8.GetString(first).Replace("\"serial\":3", "\"serial\":8", StringComparison.Ordinal),
            Encoding.UTF8.GetString((await states.ReadAsync(current.Id, CancellationToken.None))!));
        Assert.Equal(Json, await states.ReadJsonAsync(current.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Nothing_rolls_back_to_another_workspaces_state_or_to_what_is_no_state_yet(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var (_, another) = await LockedAsync(installation);
        var raw = State(3, "line");
        var foreign = (await states.StoreAsync(Announce(another, raw, 3, "line"), raw, Alice, CancellationToken.None)).Version!.Id;
        var pending = (await states.AnnounceAsync(Announce(workspace, raw, 3, "line"), Alice, CancellationToken.None)).Version!.Id;
        var rollback = installation.Get<StateRollback>();

        foreach (var target in new[] { foreign, pending, Identifier.New<StateVersionId>() })
        {
            Assert.Equal(StateOutcome.NotPending, (await rollback.RollBackAsync(workspace, target, Alice, CancellationToken.None)).Outcome);
        }
        Assert.Null(await states.CurrentAsync(workspace, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task An_old_states_document_is_put_away_brought_back_and_deleted_but_never_the_current_ones(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (states, workspace) = await LockedAsync(installation);
        var (first, second) = (State(1, "line"), State(2, "line"));
        var old = (await states.StoreAsync(Announce(workspace, first, 1, "line"), first, Alice, CancellationToken.None)).Version!.Id;
        var current = (await states.StoreAsync(Announce(workspace, second, 2, "line"), second, Alice, CancellationToken.None)).Version!.Id;
        var backing = installation.Get<StateBackingData>();

        Assert.Equal(BackingDataOutcome.IsCurrent, await backing.SoftDeleteAsync(current, CancellationToken.None));
        Assert.Equal(BackingDataOutcome.OtherStatus, await backing.DeleteAsync(old, CancellationToken.None));
        Assert.Equal(BackingDataOutcome.Done, await backing.SoftDeleteAsync(old, CancellationToken.None));
        Assert.Null(await states.ReadAsync(old, CancellationToken.None));
        Assert.Equal(BackingDataOutcome.Done, await backing.RestoreAsync(old, CancellationToken.None));
        Assert.Equal(first, await states.ReadAsync(old, CancellationToken.None));
        await backing.SoftDeleteAsync(old, CancellationToken.None);
        Assert.Equal(BackingDataOutcome.Done, await backing.DeleteAsync(old, CancellationToken.None));
        Assert.Equal(BackingDataOutcome.OtherStatus, await backing.RestoreAsync(old, CancellationToken.None));

        Assert.Null(await installation.Get<IBlobStore>().ReadAsync(BlobKey.State(old), CancellationToken.None));
        Assert.Equal(second, await states.ReadAsync(current, CancellationToken.None));
        Assert.Equal(StateOutcome.NotPending,
            (await installation.Get<StateRollback>().RollBackAsync(workspace, old, Alice, CancellationToken.None)).Outcome);
    }

    private static async Task<(StateStore States, WorkspaceId Workspace)> LockedAsync(Installation installation)
    {
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        await db.LockAsync(workspace.Id, Someone.Alice, "", Installation.Start, CancellationToken.None);
        return (installation.Get<StateStore>(), workspace.Id);
    }

    private static async Task<StateVersion> ReadAsync(Installation installation, StateVersionId id)
    {
        await using var db = installation.Open();
        return await db.StateVersions.SingleAsync(version => version.Id == id, TestContext.Current.CancellationToken);
    }

    private static byte[] WithOutputs(string outputs) => Encoding.UTF8.GetBytes(
        $$"""{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"line","outputs":{{{outputs}}},"resources":[]}""");

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
