using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Orchestrator.AgentPools;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

public sealed class QueueGaugesTests
{
    [Theory, EachDatabase]
    public async Task What_waits_is_told_by_queue_and_pool_with_the_age_of_the_oldest(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var one = await installation.ReadyWorkspaceAsync();
        var pool = new AgentPool { Id = Identifier.New<AgentPoolId>(), OrganizationId = one.OrganizationId, Name = "inside", CreatedAt = installation.Clock.GetUtcNow() };
        await using (var db = installation.Open())
        {
            db.Add(pool);
            await db.SaveChangesAsync();
        }
        await installation.QueueAsync(one.Id);
        installation.Clock.Advance(TimeSpan.FromSeconds(30));
        await installation.QueueAsync((await installation.ReadyWorkspaceAsync()).Id);
        await installation.QueueAsync(one.Id, request => request with { PlanOnly = true });
        var apply = await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id, request => request with { AutoApply = true });
        await using (var db = installation.Open())
        {
            await db.Runs.Where(run => run.Id == apply.Id).ExecuteUpdateAsync(set => set.SetProperty(run => run.AgentPoolId, pool.Id));
        }
        await installation.PlannedAsync((await installation.ReadyWorkspaceAsync()).Id);
        // Each queueing took a second, too.
        installation.Clock.Advance(TimeSpan.FromSeconds(10));
        using var gauges = new Gauges(installation);

        var told = await gauges.ReadAsync();

        string name;
        await using (var db = installation.Open())
        {
            name = $"{(await db.Organizations.FirstAsync(organization => organization.Id == one.OrganizationId)).Name}/inside";
        }
        Assert.Equal(
            (1, 2, 1, 0), (told[$"orchestrator.queue.runs apply {name}"], told["orchestrator.queue.runs plan "], told["orchestrator.queue.runs speculative "], told["orchestrator.queue.runs apply "]));
        Assert.Equal(
            (11, 44, 12, 0), (told[$"orchestrator.queue.oldest apply {name}"], told["orchestrator.queue.oldest plan "], told["orchestrator.queue.oldest speculative "], told["orchestrator.queue.oldest apply "]));
        Assert.Equal((3, 1, 1, 0), (told["orchestrator.runs plan_queued"], told["orchestrator.runs apply_queued"], told["orchestrator.runs planned"], told["orchestrator.runs applying"]));
        Assert.DoesNotContain(told.Keys, key => key.Contains("applied", StringComparison.Ordinal));
        Assert.Equal((0, 0), (told["orchestrator.vcs.deliveries.waiting"], told["orchestrator.notifications.waiting"]));

        // Within five seconds the database is not asked again.
        await using (var db = installation.Open())
        {
            await db.AgentPools.ExecuteDeleteAsync();
        }
        Assert.Equal(told.Keys.Order(), (await gauges.ReadAsync()).Keys.Order());
        installation.Clock.Advance(QueueGauges.Freshness);
        Assert.DoesNotContain($"orchestrator.queue.runs apply {name}", (await gauges.ReadAsync()).Keys);
    }

    [Theory, EachDatabase]
    public async Task What_a_database_refuses_is_counted_and_a_name_that_is_taken_is_not(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        using var gauges = new Gauges(installation);
        await using var db = installation.Open();
        db.Add(new AgentPool { Id = Identifier.New<AgentPoolId>(), OrganizationId = workspace.OrganizationId, Name = "taken", CreatedAt = installation.Clock.GetUtcNow() });
        db.Add(new AgentPool { Id = Identifier.New<AgentPoolId>(), OrganizationId = workspace.OrganizationId, Name = "taken", CreatedAt = installation.Clock.GetUtcNow() });
        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        Assert.Equal(0, (await gauges.ReadAsync())["orchestrator.database.errors statement"]);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => db.Database.ExecuteSqlAsync($"SELECT * FROM nowhere"));

        var told = await gauges.ReadAsync();
        Assert.Equal((1, 0), (told["orchestrator.database.errors statement"], told["orchestrator.database.errors connection"]));
    }

    /// <summary>Asks the instruments as an exporter does.</summary>
    private sealed class Gauges : IDisposable
    {
        private readonly QueueGauges _queues;
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, double> _told = new(StringComparer.Ordinal);

        public Gauges(Installation installation)
        {
            _queues = installation.Get<QueueGauges>();
            var meter = installation.Get<Instruments>().Meter;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();
        }

        public async Task<IReadOnlyDictionary<string, double>> ReadAsync()
        {
            await _queues.RefreshAsync(CancellationToken.None);
            _told.Clear();
            _listener.RecordObservableInstruments();
            return new Dictionary<string, double>(_told);
        }

        public void Dispose() => _listener.Dispose();

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _told[string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Value}")])] = value;
    }
}
