using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Orchestrator.Web.Telemetry;

/// <summary>One instrument as Prometheus knows it: a name by its conventions, and a line for each set of labels.</summary>
internal sealed class MetricFamily
{
    // OpenTelemetry's own, for a histogram whose maker gives no advice; in seconds.
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly string _help;
    private readonly bool _accumulates;
    private readonly double[]? _bounds;

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        IsObservable = instrument.IsObservable;
        (Type, _accumulates) = kind == typeof(Counter<>) ? ("counter", true)
            : kind == typeof(ObservableCounter<>) ? ("counter", false)
            : kind == typeof(UpDownCounter<>) ? ("gauge", true)
            : kind == typeof(Histogram<>) ? ("histogram", true)
            : ("gauge", false);
        if (Type == "histogram")
        {
            _bounds = instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } ? [.. advised] : DefaultBounds;
        }
        Name = NameOf(instrument.Name, instrument.Unit, Type);
        _help = (instrument.Description ?? "").Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
    }

    public string Name { get; }

    public string Type { get; }

    /// <summary>It is asked each time, and says all that is true then.</summary>
    public bool IsObservable { get; }

    /// <summary>What an OpenTelemetry collector would call it, too.</summary>
    public static string NameOf(string name, string? unit, string type)
    {
        var text = new StringBuilder(name.Length + 16);
        foreach (var letter in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '_');
        }
        var suffix = unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (suffix.Length > 0 && !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            text.Append(suffix);
        }
        return type == "counter" ? text.Append("_total").ToString() : text.ToString();
    }

    public void Forget()
    {
        lock (_lock)
        {
            _series.Clear();
        }
    }

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelsOf(tags);
        lock (_lock)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                _series[labels] = series = new Series(_bounds is null ? null : new long[_bounds.Length + 1]);
            }
            series.Sum = _accumulates ? series.Sum + value : value;
            if (series.Buckets is { } buckets)
            {
                var place = Array.FindIndex(_bounds!, bound => value <= bound);
                buckets[place < 0 ? buckets.Length - 1 : place]++;
            }
        }
    }

    public void WriteTo(StringBuilder page)
    {
        lock (_lock)
        {
            page.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n')
                .Append("# TYPE ").Append(Name).Append(' ').Append(Type).Append('\n');
            foreach (var (labels, series) in _series.OrderBy(series => series.Key, StringComparer.Ordinal))
            {
                if (series.Buckets is null)
                {
                    Line(page, "", labels, series.Sum);
                    continue;
                }
                var count = 0L;
                for (var index = 0; index < series.Buckets.Length; index++)
                {
                    count += series.Buckets[index];
                    var le = $"le=\"{(index == _bounds!.Length ? "+Inf" : Text(_bounds[index]))}\"";
                    Line(page, "_bucket", labels.Length == 0 ? le : $"{labels},{le}", count);
                }
                Line(page, "_sum", labels, series.Sum);
                Line(page, "_count", labels, count);
            }
        }
    }

    private void Line(StringBuilder page, string suffix, string labels, double value)
    {
        page.Append(Name).Append(suffix);
        if (labels.Length > 0)
        {
            page.Append('{').Append(labels).Append('}');
        }
        page.Append(' ').Append(Text(value)).Append('\n');
    }

    private static string Text(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
        {
            return "";
        }
        var text = new StringBuilder(64);
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length == 0 ? "" : ",");
            foreach (var letter in name)
            {
                text.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
            }
            text.Append("=\"");
            foreach (var letter in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                _ = letter switch
                {
                    '\\' => text.Append(@"\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append(@"\n"),
                    _ => text.Append(letter),
                };
            }
            text.Append('"');
        }
        return text.ToString();
    }

    private sealed class Series(long[]? buckets)
    {
        public double Sum { get; set; }

        /// <summary>Each counts what is in it alone; the last one is for what is above all bounds.</summary>
        public long[]? Buckets => buckets;
    }
}
