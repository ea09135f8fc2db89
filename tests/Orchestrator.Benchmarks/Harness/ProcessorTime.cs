using System.Globalization;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>The processor time of a process alone, without its children's. Unlike the clock's, it says something on a busy machine, too.</summary>
internal static class ProcessorTime
{
    private const double TicksPerSecond = 100;

    // Counted from after the program's name, which is in parentheses and may hold anything.
    private const int User = 11;
    private const int Kernel = 12;

    public static TimeSpan Of(int id)
    {
        var text = File.ReadAllText($"/proc/{id}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((Number(fields[User]) + Number(fields[Kernel])) / TicksPerSecond);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
