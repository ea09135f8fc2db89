using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Web.Telemetry;

/// <summary>What <c>/metrics</c> serves, in Prometheus' text format: this server's own instruments, how long requests took, and the runtime's.</summary>
/// <remarks>It listens to instruments as an OpenTelemetry exporter would, so both tell the same. Each server in a process has its own.</remarks>
internal sealed class MetricsPage : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    internal const string Requests = "Microsoft.AspNetCore.Hosting";
    internal const string Runtime = "System.Runtime";

    private readonly QueueGauges _queues;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MetricsPage(Instruments instruments, IMeterFactory factory, QueueGauges queues, RunMetrics runs, IOptions<DataOptions> data)
    {
        _queues = queues;
        // Has made its instruments.
        _ = runs;
        var facts = new KeyValuePair<string, object?>[]
        {
            new("version", typeof(MetricsPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion),
            new("database", EnumText.Of(data.Value.Database.Provider)),
        };
        instruments.Meter.CreateObservableGauge("orchestrator.build.info", () => new Measurement<int>(1, facts), unit: null, "Which program this is; always 1.");
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var meter = instrument.Meter;
            if (ReferenceEquals(meter, instruments.Meter) || meter.Name == Runtime || (meter.Name == Requests && ReferenceEquals(meter.Scope, factory)))
            {
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
            }
        };
        Take<int>(value => value);
        Take<long>(value => value);
        Take<double>(value => value);
        _listener.Start();
    }

    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        await _queues.RefreshAsync(cancellationToken);
        // Of two who read at once, one waits.
        lock (_lock)
        {
            foreach (var family in _families.Values.Where(family => family.IsObservable))
            {
                // What is not said any more, such as of a pool that is gone, is not true any more.
                family.Forget();
            }
            _listener.RecordObservableInstruments();
            var page = new StringBuilder(16 * 1024);
            foreach (var family in _families.Values)
            {
                family.WriteTo(page);
            }
            return page.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily FamilyOf(Instrument instrument)
    {
        var family = new MetricFamily(instrument);
        lock (_lock)
        {
            return _families.TryGetValue(family.Name, out var known) ? known : _families[family.Name] = family;
        }
    }

    private void Take<T>(Func<T, double> read) where T : struct => _listener.SetMeasurementEventCallback<T>(
        (_, value, tags, family) => ((MetricFamily)family!).Take(read(value), tags));
}
