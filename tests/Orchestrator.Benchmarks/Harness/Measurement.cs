namespace Orchestrator.Benchmarks.Harness;

/// <summary>One figure beside its raw baseline, as the JSON file has it.</summary>
/// <param name="Goal">In words, such as <c>ratio &lt;= 2</c>; null where there is none.</param>
/// <param name="Met">Null where there is no goal.</param>
internal sealed record Measurement(
    string Suite, string Name, double Value, string Unit, double? Baseline, double? Ratio, string? Goal, bool? Met);

/// <summary>What a figure should be.</summary>
internal sealed record Goal(string Text, Func<double, double?, bool> IsMet)
{
    public static Goal ValueAtMost(double limit) => new(Invariant($"value <= {limit}"), (value, _) => value <= limit);

    public static Goal ValueAtLeast(double limit) => new(Invariant($"value >= {limit}"), (value, _) => value >= limit);

    public static Goal RatioAtMost(double limit) => new(Invariant($"ratio <= {limit}"), (_, ratio) => ratio <= limit);

    public static Goal RatioAtLeast(double limit) => new(Invariant($"ratio >= {limit}"), (_, ratio) => ratio >= limit);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
