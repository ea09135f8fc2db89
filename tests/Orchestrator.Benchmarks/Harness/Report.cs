using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>Collects a suite's figures; shows them as a table and saves them as JSON.</summary>
internal sealed class Report(string suite)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<Measurement> _measurements = [];
    private readonly string _loadAtStart = Load();

    public void Add(string name, double value, string unit, double? baseline = null, Goal? goal = null)
    {
        double? ratio = baseline is > 0 ? Math.Round(value / baseline.Value, 3) : null;
        _measurements.Add(new Measurement(
            suite, name, Math.Round(value, 3), unit, baseline is { } raw ? Math.Round(raw, 3) : null, ratio, goal?.Text, goal?.IsMet(value, ratio)));
    }

    /// <summary>A series, by its median; how far it spread is said on the console.</summary>
    public void Add(string name, Series series, string unit, Series? baseline = null, Goal? goal = null)
    {
        Say($"{name}: {series.Describe(unit)}" + (baseline is null ? "" : $"; raw: {baseline.Describe(unit)}"));
        Add(name, series.Median, unit, baseline?.Median, goal);
    }

    public static void Say(string line) => Console.Error.WriteLine($"  {line}");

    public void Print()
    {
        var table = new Table().Title($"{suite}, {Environment.ProcessorCount} processors, load {_loadAtStart} -> {Load()}").Border(TableBorder.Simple);
        table.AddColumns("what", "value", "unit", "raw", "ratio", "goal", "met");
        foreach (var column in table.Columns.Skip(1).Where((_, index) => index is 0 or 2 or 3))
        {
            column.RightAligned();
        }
        foreach (var row in _measurements)
        {
            table.AddRow(row.Name, Show(row.Value), row.Unit, Show(row.Baseline), Show(row.Ratio), row.Goal ?? "",
                row.Met switch { true => "yes", false => "NO", null => "" });
        }
        var console = AnsiConsole.Console;
        console.Profile.Width = Math.Max(console.Profile.Width, 140);
        console.Write(table);
    }

    public Task SaveAsync(string file) => File.WriteAllTextAsync(file, JsonSerializer.Serialize(_measurements, Json) + "\n");

    private static string Show(double? number) => number switch
    {
        null => "",
        >= 100 => number.Value.ToString("F0", CultureInfo.InvariantCulture),
        _ => number.Value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    private static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..1]);
}
