using System.Globalization;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>A process's resident memory as the kernel counts it, in megabytes.</summary>
internal static class ProcessMemory
{
    public static double Resident(int id) => Read(id, "VmRSS:");

    /// <summary>The most there was since <see cref="ForgetPeak"/>, or ever.</summary>
    public static double Peak(int id) => Read(id, "VmHWM:");

    /// <summary>From now on the peak is counted anew.</summary>
    public static void ForgetPeak(int id) => File.WriteAllText($"/proc/{id}/clear_refs", "5");

    private static double Read(int id, string field)
    {
        var line = File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        var kilobytes = long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return kilobytes / 1024.0;
    }
}
