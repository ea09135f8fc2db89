using System.Globalization;

namespace Orchestrator.Data;

/// <summary>How many phases of runs may be carried out at once, as people say it: a number, or 0 for any.</summary>
public static class Concurrency
{
    public const int Max = 100_000;

    public static readonly string Rule = $"How many runs are carried out at once is a number from 1 to {Max}, or 0 for no limit.";

    /// <param name="wanted">Null: nothing is said.</param>
    public static bool IsLimit(int? wanted) => wanted is null or (>= 0 and <= Max);

    public static string? Show(int? limit) => limit?.ToString(CultureInfo.InvariantCulture);

    /// <returns>What is no limit where the text is no number; 0 where it is blank.</returns>
    public static int Read(string? text) => string.IsNullOrWhiteSpace(text) ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : -1;

    public static int? Apply(int? wanted, int? present) => wanted switch { null => present, 0 => null, var limit => limit };
}
