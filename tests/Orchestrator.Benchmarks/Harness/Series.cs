using System.Globalization;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>The same thing, measured several times.</summary>
internal sealed class Series
{
    private readonly List<double> _values = [];

    public static Series Of(IEnumerable<double> values)
    {
        var series = new Series();
        series._values.AddRange(values);
        return series;
    }

    public void Add(double value) => _values.Add(value);

    public double Median => At(0.5);

    /// <summary>Nineteen of twenty are no larger.</summary>
    public double NinetyFifth => At(0.95);

    public string Describe(string unit) => string.Create(CultureInfo.InvariantCulture,
        $"median {Median:0.##} {unit} of {_values.Count}, quartiles {At(0.25):0.##} and {At(0.75):0.##}, least {At(0):0.##}");

    /// <summary>The value below which this share of the others lies, between neighbours in proportion.</summary>
    private double At(double share)
    {
        var sorted = _values.Order().ToArray();
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (position - below));
    }
}
