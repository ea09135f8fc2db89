using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Data.Blobs;
using Orchestrator.Organizations;
using Orchestrator.RunLogs;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RetentionTests
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(31);

    /// <summary>Of an old run everything goes, and of what is in use nothing, whichever rule would let it go.</summary>
    [Theory, EachDatabase]
    public async Task What_is_old_goes_as_the_dry_run_has_said_and_nothing_that_anybody_needs(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider, With(options => (options.LogDays, options.PlanDays, options.ConfigurationDays, options.StateDays) = (30, 30, 30, 30)));
        var retention = installation.Get<Retention>();
        var workspace = await installation.WorkspaceAsync();
        var first = await installation.ConfigurationAsync(workspace.Id);
        var old = await RunAsync(installation, workspace);
        var oldState = await StateAsync(installation, workspace, 1, old);
        // What the waiting run was planned on.
        var inputState = await StateAsync(installation, workspace, 2, null);
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        var used = await installation.ConfigurationAsync(workspace.Id);
        var waiting = await installation.PlannedAsync(workspace.Id);
        await LeaveAsync(installation, waiting);
        var waitingState = await StateAsync(installation, workspace, 3, waiting);
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        var current = await installation.ConfigurationAsync(workspace.Id);
        var currentState = await StateAsync(installation, workspace, 4, null);
        Assert.Empty(await retention.LookAsync(null, CancellationToken.None));
        installation.Clock.Advance(Month);
        var young = await RunAsync(installation, await installation.ReadyWorkspaceAsync());

        var counted = new Dictionary<(string, object?), long>();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted[(instrument.Name, tags[0].Value)] = value);
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (ReferenceEquals(instrument.Meter, installation.Get<Instruments>().Meter) && instrument.Name.StartsWith("orchestrator.retention.", StringComparison.Ordinal))
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        listener.Start();

        var would = await retention.LookAsync(null, CancellationToken.None);

        Assert.Equal([RetainedKind.Logs, RetainedKind.Plans, RetainedKind.Configurations, RetainedKind.States], would.Select(row => row.Kind));
        Assert.All(would, row => Assert.Equal((1, workspace.OrganizationId), (row.Count, row.OrganizationId)));
        Assert.All(would, row => Assert.True(row.Bytes > 0 && row.Oldest < Installation.Start + TimeSpan.FromMinutes(1)));
        Assert.Equal("old plan log\n", await LogAsync(installation, old, "plan"));

        Assert.Equal(would, await retention.SweepAsync(null, CancellationToken.None));
        Assert.Empty(await retention.SweepAsync(null, CancellationToken.None));
        Assert.Empty(await retention.LookAsync(null, CancellationToken.None));
        listener.RecordObservableInstruments();
        Assert.Equal(
            would.SelectMany(row => new[] { ("orchestrator.retention.removed", EnumText.Of(row.Kind), row.Count), ("orchestrator.retention.size", EnumText.Of(row.Kind), row.Bytes) }).Order(),
            counted.Select(row => (row.Key.Item1, (string)row.Key.Item2!, row.Value)).Order());

        var said = $"This log was removed by the retention policy on {installation.Clock.GetUtcNow():yyyy-MM-dd}.\n";
        Assert.Equal(said, await LogAsync(installation, old, "plan"));
        Assert.Equal(said.Length, (await installation.PlanOfAsync(old.Id)).LogLength);
        var blobs = installation.Get<IBlobStore>();
        Assert.Null(await blobs.ReadAsync(BlobKey.PlanJson(old.Id), CancellationToken.None));
        Assert.Null(await blobs.ReadAsync(BlobKey.PlanFile(old.Id), CancellationToken.None));
        Assert.Null(await blobs.ReadAsync(BlobKey.State(oldState), CancellationToken.None));
        Assert.NotNull((await installation.ReadAsync(old.Id)).PlanRemovedAt);
        // Nothing of a run that waits, of one that is young, and no state that is the current one.
        foreach (var kept in new[] { waiting, young })
        {
            Assert.Equal("old plan log\n", await LogAsync(installation, kept, "plan"));
            Assert.NotNull(await blobs.ReadAsync(BlobKey.PlanFile(kept.Id), CancellationToken.None));
        }
        await using var db = installation.Open();
        var versions = await db.StateVersions.ToDictionaryAsync(version => version.Id, version => version.Status);
        Assert.Equal(
            (StateVersionStatus.BackingDataPermanentlyDeleted, StateVersionStatus.Finalized, StateVersionStatus.Finalized, StateVersionStatus.Finalized),
            (versions[oldState], versions[inputState], versions[waitingState], versions[currentState]));
        var archives = await db.ConfigurationVersions.ToDictionaryAsync(version => version.Id, version => version.Status);
        Assert.Equal(
            (ConfigurationVersionStatus.Archived, ConfigurationVersionStatus.Uploaded, ConfigurationVersionStatus.Uploaded), (archives[first.Id], archives[used.Id], archives[current.Id]));
        // The trail says of each kind how much, and from when to when.
        var told = await db.AuditWaiting.Where(row => row.Record.Contains("retain_no_longer")).CountAsync();
        Assert.Equal(4, told);
    }

    [Theory, EachDatabase]
    public async Task The_newest_are_kept_by_number_however_old_and_an_organization_has_the_last_word(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider, With(options => (options.LogDays, options.LogCount) = (30, 2)));
        var retention = installation.Get<Retention>();
        var workspace = await installation.ReadyWorkspaceAsync();
        var runs = new List<Run>();
        for (var index = 0; index < 4; index++)
        {
            runs.Add(await RunAsync(installation, workspace));
        }
        Assert.Empty(await retention.LookAsync(null, CancellationToken.None));
        installation.Clock.Advance(Month);
        Assert.Equal(2, Assert.Single(await retention.LookAsync(null, CancellationToken.None)).Count);

        // Null and null: whatever the installation says, everything is kept.
        await SetAsync(installation, workspace, RetainedKind.Logs, days: null, count: null);
        Assert.Empty(await retention.LookAsync(null, CancellationToken.None));
        await SetAsync(installation, workspace, RetainedKind.Logs, days: null, count: 3);
        Assert.Equal(1, Assert.Single(await retention.SweepAsync(workspace.OrganizationId, CancellationToken.None)).Count);

        Assert.StartsWith("This log was removed", await LogAsync(installation, runs[0], "plan"), StringComparison.Ordinal);
        Assert.Equal("old plan log\n", await LogAsync(installation, runs[1], "plan"));
    }

    [Theory, EachDatabase]
    public async Task Several_who_sweep_at_once_remove_each_thing_once(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider, With(options => (options.LogDays, options.PlanDays) = (30, 30)));
        var workspace = await installation.ReadyWorkspaceAsync();
        for (var index = 0; index < 12; index++)
        {
            await RunAsync(installation, workspace);
        }
        installation.Clock.Advance(Month);

        var swept = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => installation.Get<Retention>().SweepAsync(null, CancellationToken.None))));

        Assert.Equal(12, swept.SelectMany(rows => rows).Where(row => row.Kind == RetainedKind.Logs).Sum(row => row.Count));
        Assert.Equal(12, swept.SelectMany(rows => rows).Where(row => row.Kind == RetainedKind.Plans).Sum(row => row.Count));
        await using var db = installation.Open();
        Assert.Equal(12, await db.LogChunks.CountAsync());
    }

    private static Action<IServiceCollection> With(Action<RetentionOptions> set) => services => services.PostConfigure(set);

    /// <summary>A run that is over, with what it leaves behind.</summary>
    private static async Task<Run> RunAsync(Installation installation, Workspace workspace)
    {
        var run = await installation.QueueAsync(workspace.Id);
        await installation.PerformAsync(run.Id, hasChanges: false);
        await LeaveAsync(installation, run);
        return await installation.ReadAsync(run.Id);
    }

    private static async Task LeaveAsync(Installation installation, Run run)
    {
        var claimed = (await installation.ReadAsync(run.Id)).ClaimedBy!;
        await using (var log = await installation.Get<RunLogStore>().OpenAsync(run.Id, "plan", claimed, CancellationToken.None))
        {
            await log.WriteAsync(Encoding.UTF8.GetBytes("old plan log\n"), CancellationToken.None);
            await log.CompleteAsync();
        }
        await using var db = installation.Open();
        await db.Plans.Where(plan => plan.RunId == run.Id).ExecuteUpdateAsync(set => set.SetProperty(plan => plan.LogLength, 13L));
        await installation.Get<IBlobStore>().WriteAsync(BlobKey.PlanFile(run.Id), [1, 2, 3], CancellationToken.None);
        await installation.Get<IBlobStore>().WriteAsync(BlobKey.PlanJson(run.Id), [1, 2, 3], CancellationToken.None);
        await db.ConfigurationVersions.Where(version => version.Size == null).ExecuteUpdateAsync(set => set.SetProperty(version => version.Size, 7));
    }

    /// <summary>Becomes the current one.</summary>
    private static async Task<StateVersionId> StateAsync(Installation installation, Workspace workspace, long serial, Run? run)
    {
        var version = new StateVersion
        {
            Id = Identifier.New<StateVersionId>(), WorkspaceId = workspace.Id, RunId = run?.Id, Serial = serial, Lineage = "one", Md5 = "", Size = 9, Status = StateVersionStatus.Finalized,
            CreatedById = Someone.Alice.Id, CreatedBy = Someone.Alice.Name, CreatedAt = installation.Clock.GetUtcNow(),
        };
        await using var db = installation.Open();
        db.Add(version);
        await db.SaveChangesAsync();
        await db.Workspaces.Where(row => row.Id == workspace.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.CurrentStateVersionId, version.Id));
        await installation.Get<IBlobStore>().WriteAsync(BlobKey.State(version.Id), [1], CancellationToken.None);
        return version.Id;
    }

    private static async Task SetAsync(Installation installation, Workspace workspace, RetainedKind kind, int? days, int? count)
    {
        await using var db = installation.Open();
        await db.RetentionRules.ExecuteDeleteAsync();
        db.Add(new RetentionRule { OrganizationId = workspace.OrganizationId, Kind = kind, Days = days, Count = count });
        await db.SaveChangesAsync();
    }

    private static async Task<string> LogAsync(Installation installation, Run run, string phase) =>
        Encoding.UTF8.GetString(await installation.Get<RunLogStore>().ReadAsync(run.Id, phase, 0, 10_000, CancellationToken.None));
}
