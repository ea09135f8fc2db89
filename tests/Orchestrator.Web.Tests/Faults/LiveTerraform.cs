using System.Globalization;

namespace Orchestrator.Web.Tests.Faults;

/// <summary>Terraform commands that are carried out at this moment, as <c>/proc</c> shows them.</summary>
internal static class LiveTerraform
{
    // Of /proc/N/stat, counted from 0.
    private const int Parent = 3;
    private const int StartTime = 21;

    /// <summary>Whether the process carries the command out: what starts it has the command in its arguments, too, and what it starts is its copy for a
    /// moment.</summary>
    public static bool Is(int process, string command) =>
        Shows(process, command) && Stat(process, Parent) is { } parent && !Shows(int.Parse(parent, CultureInfo.InvariantCulture), command);

    /// <summary>With it a process is told from a later one of the same number.</summary>
    public static string? StartOf(int process) => Stat(process, StartTime);

    public static string CommandLine(int process) => Read(process, "cmdline");

    private static bool Shows(int process, string command) =>
        Read(process, "comm") == "terraform\n" && CommandLine(process).Contains($"terraform\0{command}\0", StringComparison.Ordinal);

    private static string? Stat(int process, int field) => Read(process, "stat").Split(' ').ElementAtOrDefault(field);

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
