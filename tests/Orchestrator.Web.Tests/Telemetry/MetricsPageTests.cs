using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Tests.Support;
using Orchestrator.Web.Telemetry;

namespace Orchestrator.Web.Tests.Telemetry;

public sealed partial class MetricsPageTests : IDisposable
{
    private readonly Meter _meter = new("test");

    [Fact]
    public void Names_follow_prometheus_conventions()
    {
        Assert.Equal("orchestrator_phase_duration_seconds", MetricFamily.NameOf("orchestrator.phase.duration", "s", "histogram"));
        Assert.Equal("orchestrator_phases_ended_total", MetricFamily.NameOf("orchestrator.phases.ended", null, "counter"));
        Assert.Equal("dotnet_process_cpu_time_seconds_total", MetricFamily.NameOf("dotnet.process.cpu.time", "s", "counter"));
        Assert.Equal("orchestrator_state_size_bytes", MetricFamily.NameOf("orchestrator.state.size", "By", "histogram"));
        Assert.Equal("http_server_active_requests", MetricFamily.NameOf("http.server.active_requests", "{request}", "gauge"));
    }

    [Fact]
    public void A_histogram_is_told_in_buckets_that_hold_the_smaller_ones()
    {
        var family = new MetricFamily(_meter.CreateHistogram(
            "wait", "s", "How long.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] }));
        foreach (var value in new[] { 0.05, 0.1, 0.5, 7 })
        {
            family.Take(value, [KeyValuePair.Create<string, object?>("phase", "plan")]);
        }

        Assert.Equal(
            """
            # HELP wait_seconds How long.
            # TYPE wait_seconds histogram
            wait_seconds_bucket{phase="plan",le="0.1"} 2
            wait_seconds_bucket{phase="plan",le="1"} 3
            wait_seconds_bucket{phase="plan",le="+Inf"} 4
            wait_seconds_sum{phase="plan"} 7.65
            wait_seconds_count{phase="plan"} 4

            """, Page(family), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Counters_add_up_and_what_is_observed_stands_for_itself()
    {
        var counter = new MetricFamily(_meter.CreateCounter<long>("ended", description: "Two\nlines \\ one."));
        counter.Take(2, [KeyValuePair.Create<string, object?>("how.it", "a \"b\" \\ c\nd")]);
        counter.Take(3, [KeyValuePair.Create<string, object?>("how.it", "a \"b\" \\ c\nd")]);
        var observed = new MetricFamily(_meter.CreateObservableCounter("seen", () => 1L));
        observed.Take(5, []);
        observed.Take(7, []);

        Assert.Equal(
            "# HELP ended_total Two\\nlines \\\\ one.\n# TYPE ended_total counter\nended_total{how_it=\"a \\\"b\\\" \\\\ c\\nd\"} 5\n"
            + "# HELP seen_total \n# TYPE seen_total counter\nseen_total 7\n", Page(counter) + Page(observed));
    }

    /// <summary>The other half, that the document is what is served, is <see cref="TelemetryTests"/>'.</summary>
    [Fact]
    public void The_dashboard_asks_for_nothing_that_is_not_served()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "grafana", "orchestrator.json")))!;
        var panels = dashboard["panels"]!.AsArray().Where(panel => panel!["type"]!.GetValue<string>() != "row").ToArray();
        var queries = panels.SelectMany(panel => panel!["targets"]!.AsArray().Select(target => target!["expr"]!.GetValue<string>()))
            .Concat(dashboard["templating"]!["list"]!.AsArray().Select(variable => variable!["query"]?.ToJsonString() ?? "")).ToArray();
        var asked = queries.SelectMany(query => Named().Matches(query).Select(match => match.Value)).Distinct().ToArray();
        var names = MetricsDocument.Names();

        Assert.True(panels.Length >= 12 && asked.Length >= 15, $"{panels.Length} panels ask for {asked.Length} metrics");
        Assert.Empty(asked.Except(names));
        Assert.All(panels, panel => Assert.NotEmpty(panel!["targets"]!.AsArray()));
        // An alert, and whoever looks for one, finds everything that there is of our own.
        var families = names.Where(name => name.StartsWith("orchestrator_", StringComparison.Ordinal)).Select(FamilyOf).Distinct();
        Assert.Empty(families.Except(asked.Select(FamilyOf)));
    }

    [Fact]
    public void What_the_page_on_operations_names_is_served()
    {
        var named = Named().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"))).Select(match => FamilyOf(match.Value)).Distinct().ToArray();

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(MetricsDocument.Names().Select(FamilyOf)));
    }

    public void Dispose() => _meter.Dispose();

    private static string FamilyOf(string name) => Suffix().Replace(name, "");

    private static string Page(MetricFamily family)
    {
        var page = new StringBuilder();
        family.WriteTo(page);
        return page.ToString();
    }

    [GeneratedRegex("(_bucket|_sum|_count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("\\b(orchestrator|http_server|dotnet)_[a-z0-9_]+\\b")]
    private static partial Regex Named();
}
